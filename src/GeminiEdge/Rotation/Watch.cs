using System.Globalization;
using GeminiEdge.Fleet;
using GeminiEdge.Keys;

namespace GeminiEdge.Rotation;

/// <summary>Watches the last promotion for a while, and undoes it on evidence. It holds no lock until it rolls back.</summary>
/// <param name="fleet">Reads the register.</param>
internal sealed class Watch(Rotator rotator, Func<CancellationToken, Task<FleetReading>> fleet, TimeProvider time, Action<string> progress)
{
    // An instance writes its row each 10 s.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(5);

    private WatchVerdict? _verdict;

    public async Task<RotationResult> RunAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var slots = await rotator.ReadAsync(cancellationToken);
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

    /// <summary>What is to be said of the watch, however it ended.</summary>
    private RotationResult Told(RotationResult result, Promotion promotion, SlotReading slots) => result with
    {
        RotationId = result.RotationId ?? promotion.Rotation,
        Watched = _verdict,
        Before = result.Before ?? slots.Slots,
        After = result.After ?? slots.Slots,
    };

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
                return await RollBackAsync(promotion, _verdict.Reason, cancellationToken);
            }

            var left = duration - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero)
            {
                return End(trouble);
            }

            if (time.GetElapsedTime(spoke) >= Silence)
            {
                spoke = time.GetTimestamp();
                progress($"Watching for {Text(left)} more: {_verdict?.Reason ?? "nothing is known yet"}.");
            }

            await Task.Delay(left < Pause ? left : Pause, time, cancellationToken);
        }
    }

    private async Task<RotationResult> RollBackAsync(Promotion promotion, string reason, CancellationToken cancellationToken)
    {
        // What is undone must be what was watched.
        var slots = await rotator.ReadAsync(cancellationToken);
        if (slots.Failure is { } unread)
        {
            return unread with { Message = $"It should be rolled back, because {reason}. {unread.Message}" };
        }

        if (Promotion.Last(slots)?.Rotation != promotion.Rotation)
        {
            return new(RotationOutcome.Failed, $"Somebody changed the slots meanwhile, so nothing was rolled back; the reason would have been: {reason}.");
        }

        var result = await rotator.RollbackAsync(cancellationToken);
        return result.Outcome == RotationOutcome.Done
            ? result with { Outcome = RotationOutcome.Failed, Message = $"Rolled back by itself, because {reason}. {result.Message}" }
            : result with { Message = $"It is being rolled back, because {reason}. {result.Message}" };
    }

    private RotationResult End(RotationResult? trouble)
    {
        if (_verdict is not { } verdict)
        {
            return trouble!;
        }

        string?[] warnings =
        [
            verdict.Decision == WatchDecision.Outage ? "Nothing was rolled back, because it is not the key's fault: look at Google's status." : null,
            trouble?.Message,
        ];
        return new(RotationOutcome.Done, $"Kept: {verdict.Reason}.") { Warnings = [.. warnings.OfType<string>()] };
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
