using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;

namespace GeminiEdge.Rotation;

/// <content>What a run does with a fleet register.</content>
internal sealed partial class RotationRun
{
    /// <summary>A leak waits no longer for the edges, from its beginning on: every second that the key lives is another's.</summary>
    private static readonly TimeSpan LeakPatience = TimeSpan.FromSeconds(60);

    private readonly long _startedAt = time.GetTimestamp();
    private ImmutableArray<FleetRow> _laggards = [];
    private bool _isUnproven;
    private bool _isBaselineDone;
    private string? _convergence;
    private FleetView? _fleet;

    /// <summary>Saves how the key does that is about to be replaced: a watch compares its successor with it.</summary>
    /// <returns>Whether time has passed, so that what was read is old.</returns>
    private async Task<bool> SaveBaselineAsync(RotationState state, PlanStep step, CancellationToken cancellationToken)
    {
        if (_isBaselineDone || options.Fleet is null || command is not { Kind: RotationKind.Promote, Slot: { } target }
            || step is not PlanStep.Write write || write.Tags[RotationTags.Rotation] != command.Id || state[target].Key is not { } former)
        {
            return false;
        }

        _isBaselineDone = true;
        var (rows, failure) = await options.Fleet(cancellationToken);
        if (failure is not null)
        {
            _warnings.Add($"How the former key does is not saved. {failure.Message}");
            return true;
        }

        var minute = KeyTotals.MinuteOf(time.GetUtcNow());
        var before = KeyTotals.Of(rows, key => key.Slot == target.Name() && key.KeyId == former.Id, minute - Promotion.BaselineMinutes, minute);
        await _lock.NoteAsync(RotationTags.Baseline, before.ToText(), cancellationToken);
        return true;
    }

    /// <returns>Null once every active instance holds the newest ring.</returns>
    private async Task<string?> WhyNotConvergedAsync(RotationState state, CancellationToken cancellationToken)
    {
        if (options.Fleet is null)
        {
            return null;
        }

        var (view, failure) = await new Convergence(options.Fleet, time, progress)
            .WaitAsync(state.Slots, state.Leaked, Patience(), pause => WaitAsync(pause, cancellationToken), cancellationToken);
        (_convergence, _fleet) = (failure?.Message ?? view.Sentence, failure is null ? view : null);
        _laggards = failure is null ? view.Lagging : [];
        if (failure is not null)
        {
            return command.Kind == RotationKind.Leak
                ? $"Whether the edges have dropped the key is not known. {failure.Message}"
                : $"Whether the edges have read the new keys is not known. {failure.Message} Run the same command again.";
        }

        if (view.IsEmpty)
        {
            _warnings.Add($"{view.Sentence} The time was waited that the edges take.");
            await WaitAsync(command.Settling, cancellationToken);
            return null;
        }

        if (view.IsConverged)
        {
            progress(view.Sentence);
            return null;
        }

        return command.Kind == RotationKind.Leak
            ? $"{view.Sentence} It was not waited for any longer; `edgectl fleet` shows whether it still is so."
            : $"{view.Sentence} Look at it with `edgectl fleet`, then run the same command again.";
    }

    private TimeSpan Patience()
    {
        if (command.Kind != RotationKind.Leak)
        {
            return options.ConvergenceTimeout;
        }

        var left = LeakPatience - time.GetElapsedTime(_startedAt);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
