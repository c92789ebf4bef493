namespace GeminiEdge.Rotation;

/// <content>What a run finds out without the lock.</content>
internal sealed partial class RotationRun
{
    /// <summary>What stands against it before anything is asked of others: for that nobody takes the lock, or waits for it.</summary>
    private async Task<RotationResult?> WhyNotAsync(CancellationToken cancellationToken)
    {
        var state = await _patient.DoAsync(() => store.ReadAsync(time.GetUtcNow(), cancellationToken), cancellationToken);
        if (_lock.Rival(state.Records) is not null || RotationPlan.Next(state, command) is not PlanStep.End { Outcome: RotationOutcome.Refused } end)
        {
            return null;
        }

        _first = _last = state;
        return Told(new RotationResult(end.Outcome, end.Message));
    }

    /// <summary>A dry run: goes on with what each step would make of the vault in place of the vault.</summary>
    private async Task<RotationResult> ImagineAsync(CancellationToken cancellationToken)
    {
        var state = await _patient.DoAsync(() => store.ReadAsync(time.GetUtcNow(), cancellationToken), cancellationToken);
        if (_lock.Rival(state.Records) is { } rival && rival.Operator != options.Operator)
        {
            return Told(new RotationResult(RotationOutcome.Refused, RotationLock.Held(rival)));
        }

        while (true)
        {
            var step = RotationPlan.Next(state, command);
            if (step is PlanStep.End end)
            {
                return Told(new RotationResult(end.Outcome, end.Message)) with { NeedsKey = end.NeedsKey };
            }

            state = step switch
            {
                PlanStep.Probe key => await ProbeAsync(state, key, pause => Task.Delay(pause, time, cancellationToken), cancellationToken),
                PlanStep.Search search => await SearchAsync(state, search, cancellationToken),
                _ => state.After(step, "to be written"),
            };
            Note(step);
        }
    }
}
