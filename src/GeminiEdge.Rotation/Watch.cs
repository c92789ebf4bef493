using System.Globalization;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Fleet;

namespace GeminiEdge.Rotation;

/// <summary>Watches the last promotion for a while, and undoes it on evidence. It holds no lock until it rolls back.</summary>
/// <param name="fleet">Reads the register.</param>
internal sealed class Watch(Rotator rotator, Func<CancellationToken, Task<FleetReading>> fleet, TimeProvider time, Action<string> progress)
{
    // An instance writes its row each 10 s.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(5);

    // After a fault that may pass.
    private static readonly TimeSpan AgainIn = TimeSpan.FromSeconds(15);

    private const int LeastTries = 3;

    private WatchVerdict? _verdict;

    /// <summary>What the rollback's tries did that failed; null before one has.</summary>
    private RotationResult? _tried;

    public async Task<RotationResult> RunAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var slots = await ReadAsync(cancellationToken);
        if (slots.Failure is { } unread)
        {
            return unread;
        }

        if (Promotion.Last(slots) is not { } promotion)
        {
            return new(RotationOutcome.Refused, "There is nothing to watch: no slot holds a promoted key whose former one is in OLD.");
        }

        try
        {
            return Told(await RunAsync(promotion, slots, duration, cancellationToken), promotion, slots);
        }
        catch (RotationStopped stopped)
        {
            throw new RotationStopped(Told(stopped.Result, promotion, slots), stopped, cancellationToken);
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested)
        {
            throw new RotationStopped(Told(RotationResult.Stopped(), promotion, slots), e, cancellationToken);
        }
    }

    /// <summary>The end of a promotion that was watched: one that is kept but not everywhere is not done.</summary>
    public static RotationResult Ended(RotationResult promoted, RotationResult watched) => watched.Outcome == RotationOutcome.Done
        ? watched.Following(promoted) with { Outcome = promoted.Outcome, Message = $"{watched.Message} {promoted.Message}", Laggards = promoted.Laggards }
        : watched.Following(promoted);

    /// <summary>What is to be said of the watch, however it ended.</summary>
    private RotationResult Told(RotationResult result, Promotion promotion, SlotReading slots)
    {
        var whole = _tried is null ? result : result.Following(_tried);
        return whole with
        {
            RotationId = whole.RotationId ?? promotion.Rotation,
            Watched = _verdict,
            Before = whole.Before ?? slots.Slots,
            After = whole.After ?? slots.Slots,
        };
    }

    /// <summary>A single fault of the vault ends no watch.</summary>
    private async Task<SlotReading> ReadAsync(CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var slots = await rotator.ReadAsync(cancellationToken);
            if (slots.Failure is not { Outcome: RotationOutcome.Failed } unread || tries == LeastTries)
            {
                return slots;
            }

            progress($"{unread.Message} Once more in {AgainIn.TotalSeconds:0} s.");
            await Task.Delay(AgainIn, time, cancellationToken);
        }
    }

    private async Task<RotationResult> RunAsync(Promotion promotion, SlotReading slots, TimeSpan duration, CancellationToken cancellationToken)
    {
        progress($"Watching {promotion.Slot.Name()} (…{promotion.KeyId}) for {Text(duration)}; it was promoted at {promotion.At:HH:mm:ss} UTC in place of …{promotion.FormerId}.");
        var newest = NewestRing.Fingerprint(slots.Slots, slots.Leaked);
        var (began, spoke) = (time.GetTimestamp(), time.GetTimestamp());
        RotationResult? trouble = null;
        while (true)
        {
            var (rows, failure) = await fleet(cancellationToken);
            if (failure is null)
            {
                var next = WatchVerdict.Of(promotion, FleetView.Of(rows, newest, time.GetUtcNow()));
                Say(next.Decision != (_verdict?.Decision ?? WatchDecision.Keep), $"{next.Decision switch { WatchDecision.Outage => "An outage", WatchDecision.RollBack => "Evidence against the key", _ => "All is well again" }}: {next.Reason}.");
                _verdict = next;
            }
            else
            {
                Say(trouble is null, failure.Message);
            }

            trouble = failure;
            if (trouble is null && _verdict!.Decision == WatchDecision.RollBack)
            {
                return await RollBackAsync(promotion, _verdict.Reason, () => time.GetElapsedTime(began) >= duration, cancellationToken);
            }

            var left = duration - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
            {
                return await EndAsync(promotion, trouble, cancellationToken);
            }

            if (time.GetElapsedTime(spoke) >= Silence)
            {
                spoke = time.GetTimestamp();
                progress($"Watching for {Text(left)} more: {_verdict?.Reason ?? "nothing is known yet"}.");
            }

            await Task.Delay(left < Pause ? left : Pause, time, cancellationToken);
        }
    }

    /// <summary>The evidence stays, and so does the bad key where a fault stops the rollback: it is tried until the time is over.</summary>
    private async Task<RotationResult> RollBackAsync(Promotion promotion, string reason, Func<bool> isOver, CancellationToken cancellationToken)
    {
        string? said = null;
        for (var tries = 1; ; tries++)
        {
            var (result, mayPass) = await TryRollBackAsync(promotion, reason, cancellationToken);
            if (!mayPass || (tries >= LeastTries && isOver()))
            {
                return result;
            }

            Say(result.Message != said, $"{result.Message} The rollback is tried again every {AgainIn.TotalSeconds:0} s.");
            said = result.Message;
            _tried = _tried is null ? result : result.Following(_tried);
            await Task.Delay(AgainIn, time, cancellationToken);
        }
    }

    private async Task<(RotationResult Result, bool MayPass)> TryRollBackAsync(Promotion promotion, string reason, CancellationToken cancellationToken)
    {
        var slots = await rotator.ReadAsync(cancellationToken);
        if (slots.Failure is { } unread)
        {
            return (unread with { Message = $"It should be rolled back, because {reason}. {unread.Message}" }, unread.Outcome == RotationOutcome.Failed);
        }

        // What is undone must be what was watched; the try before may have begun with it.
        if (!IsStill(promotion, slots) && !(_tried is not null && promotion.IsRestored(slots)))
        {
            return (Changed(slots, $"so nothing was rolled back; the reason would have been: {reason}"), false);
        }

        var result = await rotator.RollbackAsync(cancellationToken);
        return result.Outcome == RotationOutcome.Done
            ? (result with { Outcome = RotationOutcome.Failed, Message = $"Rolled back by itself, because {reason}. {result.Message}" }, false)
            : (result with { Message = $"It {(result.RotationId is null ? "should be" : "is being")} rolled back, because {reason}. {result.Message}" }, MayPass(result));
    }

    /// <summary>Neither the key in OLD nor the operator's rights are the trouble.</summary>
    private static bool MayPass(RotationResult result) => result.Outcome switch
    {
        RotationOutcome.Failed => true,

        // Another holds the lock, or nothing is known of OLD's key.
        RotationOutcome.Refused => result.Before is null || result.Probes.Values.Any(verdict => verdict != Verdict.Ok && !RotationPlan.IsConclusive(verdict)),
        _ => false,
    };

    private static bool IsStill(Promotion promotion, SlotReading slots) => Promotion.Last(slots)?.Rotation == promotion.Rotation;

    private static RotationResult Changed(SlotReading slots, string rest) =>
        new(RotationOutcome.Failed, $"Somebody changed the slots meanwhile, {rest}.") { After = slots.Slots };

    private async Task<RotationResult> EndAsync(Promotion promotion, RotationResult? trouble, CancellationToken cancellationToken)
    {
        if (_verdict is not { } verdict)
        {
            return trouble!;
        }

        var slots = await ReadAsync(cancellationToken);
        if (slots.Failure is null && !IsStill(promotion, slots))
        {
            return Changed(slots, $"so nothing is said of the key that serves now: look at `edgectl keys`. What was watched: {verdict.Reason}");
        }

        string?[] warnings =
        [
            verdict.Decision == WatchDecision.Outage ? "Nothing was rolled back, because nothing shows that it is the key's fault: look at Google's status." : null,
            verdict.Doubt,
            trouble?.Message,
            slots.Failure is { } unread ? $"Whether somebody changed the slots meanwhile is not known. {unread.Message}" : null,
        ];
        return new(RotationOutcome.Done, $"Kept: {verdict.Reason}.") { Warnings = [.. warnings.OfType<string>()], After = slots.Failure is null ? slots.Slots : null };
    }

    private static string Text(TimeSpan duration) => TimeSpan.FromSeconds(Math.Round(duration.TotalSeconds)).ToString("c", CultureInfo.InvariantCulture);

    private void Say(bool isNews, string line)
    {
        if (isNews)
        {
            progress(line);
        }
    }
}
