using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Rotation;

/// <summary>Carries out one command: read, ask the plan, do the one step it names, and again. It decides nothing itself.</summary>
internal sealed partial class RotationRun(RotationStore store, Uri vault, PatientProbe probe, RotationCommand command, RotatorOptions options, Retention retention, TimeProvider time, Action<string> progress)
{
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(5);

    /// <summary>How old a look at the lock may be when a write begins; <see cref="RotationLock"/> counts on it.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);
    private const int MostSlowReads = 3;

    private readonly RotationLock _lock = new(store, command, options, retention, time, progress);
    private readonly PatientRead _patient = new(time, progress);
    private readonly ImmutableArray<RotationStep>.Builder _steps = ImmutableArray.CreateBuilder<RotationStep>();
    private readonly ImmutableArray<string>.Builder _warnings = ImmutableArray.CreateBuilder<string>();
    private string? _begun;
    private RotationState? _first;
    private RotationState? _last;
    private ApiKey? _leaked;
    private string? _doing;
    private bool _hasWritten;

    public async Task<RotationResult> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await (options.DryRun ? ImagineAsync(cancellationToken) : ReallyRunAsync(cancellationToken));
        }
        catch (VaultFault fault)
        {
            // While a write may still land the lock must outlive it; if not, who runs it again need not wait for it.
            if (!fault.MayHaveWritten)
            {
                await _lock.LetGoAsync();
            }

            var told = Told(OperatorFault.Explain(fault, vault));
            return fault.Terms is not null && fault.Refusal is not null && !_hasWritten ? told with { Message = $"{told.Message} Nothing was changed." } : told;
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested)
        {
            await _lock.LetGoAsync();
            throw new RotationStopped(Told(RotationResult.Stopped(_doing)), e, cancellationToken);
        }
    }

    private async Task<RotationResult> ReallyRunAsync(CancellationToken cancellationToken)
    {
        if (command.Kind == RotationKind.Promote && await WhyNotAsync(cancellationToken) is { } refused)
        {
            return refused;
        }

        if (await _lock.AcquireAsync(cancellationToken) is { } held)
        {
            return Told(new RotationResult(RotationOutcome.Refused, held));
        }

        RotationState? before = null;
        for (var slow = 0; ;)
        {
            // 1. What is there, and whether it is still ours to change.
            await _lock.RenewIfDueAsync(cancellationToken);
            var began = 0L;
            var state = await _patient.DoAsync(() =>
            {
                began = time.GetTimestamp();
                return store.ReadAsync(time.GetUtcNow(), cancellationToken);
            }, cancellationToken);
            if (time.GetElapsedTime(began) > Fresh)
            {
                if (++slow == MostSlowReads)
                {
                    return Told(new RotationResult(RotationOutcome.Failed, $"The vault takes longer than {Fresh.TotalSeconds:0} s to read, and what was read may be old by then. Run it again when it answers faster."));
                }

                continue;
            }

            slow = 0;
            if (WhyOvertaken(state, before) is { } overtaken)
            {
                await _lock.ReleaseAsync("overtaken", cancellationToken);
                return Told(new RotationResult(RotationOutcome.Failed, overtaken));
            }

            if (before is not null)
            {
                state = state with { Probes = before.Probes, IsSettled = before.IsSettled, Found = before.Found };
            }

            _last = state;
            _first ??= state;

            // 2. What to do.
            var step = RotationPlan.Next(state, command);
            if (step is PlanStep.End end)
            {
                await EndAsync(end, cancellationToken);
                var outcome = end.Outcome == RotationOutcome.Done && _isUnproven ? RotationOutcome.NotConverged : end.Outcome;
                return Told(new RotationResult(outcome, end.Message)) with { RotationId = end.RotationId ?? _begun, NeedsKey = end.NeedsKey, LeakedId = end.Leaked?.KeyId };
            }

            // 3. Do it.
            if (await SaveBaselineAsync(state, step, cancellationToken))
            {
                before = state;
                continue;
            }

            progress($"{step.Text}…");
            _doing = step.Text;
            if (step is PlanStep.Settle && await WhyNotConvergedAsync(state, cancellationToken) is { } lagging)
            {
                if (command.Kind == RotationKind.Leak)
                {
                    // Those who lag are named, and nothing waits for them: the key has to die.
                    _isUnproven = true;
                    before = state.After(step, "");
                    Note(step with { Warning = lagging });
                    continue;
                }

                await _lock.ReleaseAsync("not-converged", cancellationToken);
                return Told(new RotationResult(RotationOutcome.NotConverged, lagging));
            }

            try
            {
                before = await DoAsync(state, step, cancellationToken);
            }
            catch (VaultFault fault) when (retention.Learn(fault))
            {
                // The look at the lock that allowed the write is old by now: read, and plan the same step again.
                progress(OperatorFault.Learned(fault));
                before = state;
                continue;
            }

            _hasWritten |= step is not (PlanStep.Probe or PlanStep.Search or PlanStep.Settle);
            _last = before;
            _doing = null;
            Note(step);
        }
    }

    /// <summary>Everything is done by now: that the lock must run out by itself is no failure.</summary>
    private async Task EndAsync(PlanStep.End end, CancellationToken cancellationToken)
    {
        try
        {
            await _lock.ReleaseAsync(end.Outcome == RotationOutcome.Done ? RotationRecord.Done : "refused", cancellationToken, end.RotationId, end.Leaked);
        }
        catch (VaultFault fault)
        {
            _warnings.Add($"The lock could not be released and runs out within two minutes. {OperatorFault.Explain(fault, vault).Message}");
        }
    }

    private async Task<RotationState> DoAsync(RotationState state, PlanStep step, CancellationToken cancellationToken)
    {
        var version = "";
        Remember(state, step);
        switch (step)
        {
            case PlanStep.Probe key:
                return await ProbeAsync(state, key, pause => WaitAsync(pause, cancellationToken), cancellationToken);
            case PlanStep.Search search:
                return await SearchAsync(state, search, cancellationToken);
            case PlanStep.Settle { HasRegister: false } settle:
                await WaitAsync(settle.Time, cancellationToken);
                break;
            case PlanStep.Write write:
                var terms = TermsOf(write, state);
                version = await store.WriteAsync(write.Slot.Secret(), write.Key?.Reveal() ?? SecretValue.Empty, terms, cancellationToken);
                _begun = write.Tags[RotationTags.Rotation];
                return state.After(write.With(terms), version);
            case PlanStep.Tag tag:
                await store.TagAsync(tag.Slot.Slot.Secret(), tag.Slot.Version!, tag.Tags, cancellationToken,
                    retention.IsForUpdates ? retention.ForUpdate(tag.Slot.CreatedOn ?? time.GetUtcNow()) : null);
                break;
            case PlanStep.Disable disable:
                var created = retention.IsForUpdates ? await store.ReadCreatedOnAsync(disable.Slot.Secret(), disable.Version, cancellationToken) : null;
                await store.DisableAsync(disable.Slot.Secret(), disable.Version, cancellationToken, created is { } at ? retention.ForUpdate(at) : null);
                break;
            case PlanStep.List list:
                var tags = RotationTags.OnList(state.LeakedTerms.Tags, SecretTerms.None.Tags.Add(RotationTags.Rotation, command.Id));
                await store.WriteAsync(LeakedKeys.Secret, state.Leaked.With(list.Hash), retention.ForRecord(tags, state.LeakedTerms.ContentType, time.GetUtcNow()), cancellationToken);
                _begun ??= command.Id;
                break;
            case PlanStep.Close close:
                await store.TagAsync(RotationRecord.Secret, close.Record.Version, close.Record.Closed(close.How).Tags, cancellationToken,
                    retention.IsForUpdates ? retention.ForUpdate(close.Record.CreatedOn) : null);
                break;
        }

        return state.After(step, version);
    }

    private SecretTerms TermsOf(PlanStep.Write write, RotationState state)
    {
        var (former, now) = (state[write.Slot], time.GetUtcNow());
        var tags = RotationTags.OnSlot(former.Tags, write.Tags);
        return write switch
        {
            { Key: null } => retention.ForRecord(tags, former.ContentType, now),
            { Slot: KeySlot.Old, ExpiresOn: { } end } => retention.ForOld(tags, end, former.ContentType, now),
            _ => retention.ForKey(tags, write.ExpiresOn, former.ContentType, now),
        };
    }

    private async Task<RotationState> ProbeAsync(RotationState state, PlanStep.Probe step, Func<TimeSpan, Task> wait, CancellationToken cancellationToken) =>
        state.Knowing(step.Key, await probe.ProbeAsync(step, command.IsJustMade && step.Key.Equals(command.Key), wait, cancellationToken));

    private async Task<RotationState> SearchAsync(RotationState state, PlanStep.Search step, CancellationToken cancellationToken)
    {
        var (versions, key) = await _patient.DoAsync(() => store.SearchAsync(state, step.Hash, cancellationToken), cancellationToken);
        _leaked ??= key;
        return state with { Found = versions };
    }

    /// <summary>The value of the leaked key, which later is in no slot any more.</summary>
    private void Remember(RotationState state, PlanStep step)
    {
        var hash = step switch
        {
            PlanStep.Write write when command.Kind == RotationKind.Leak => write.Tags.GetValueOrDefault(RotationTags.ReplacedHash),
            PlanStep.List list => list.Hash,
            _ => null,
        };
        _leaked ??= hash is null ? null : state.Slots.Select(slot => slot.Key).OfType<ApiKey>().FirstOrDefault(key => LeakedKeys.HashOf(key) == hash);
    }

    private async Task WaitAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        for (var left = duration; left > TimeSpan.Zero; left -= Slice)
        {
            await Task.Delay(left < Slice ? left : Slice, time, cancellationToken);
            await _lock.RenewIfDueAsync(cancellationToken);
        }
    }

    private string? WhyOvertaken(RotationState state, RotationState? before) =>
        _lock.WhyLost(state.Records)
        ?? (before is not null && state.FirstChangeSince(before) is { } slot ? $"Overtaken: somebody else changed {slot.Slot.Name()} meanwhile. Run it again." : null);

    private void Note(PlanStep step)
    {
        _steps.Add(new RotationStep(step.Text) { At = options.DryRun ? null : time.GetUtcNow() });
        if (step.Warning is { } warning && !_warnings.Contains(warning))
        {
            _warnings.Add(warning);
        }
    }

    private RotationResult Told(RotationResult result) => result with
    {
        RotationId = _begun,
        Steps = _steps.ToImmutable(),
        Warnings = _warnings.ToImmutable(),
        Before = _first?.Slots,
        After = _last?.Slots,
        Probes = _last?.Probes ?? ImmutableDictionary<ApiKey, Verdict>.Empty,
        Leaked = _leaked,
        Convergence = _convergence,
        Laggards = _laggards,
        Fleet = _fleet,
    };
}
