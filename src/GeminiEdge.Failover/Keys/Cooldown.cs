using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Keys;

/// <summary>Why and how long a key (or a key for one model) is skipped.</summary>
/// <param name="Cause">The verdict that began it.</param>
/// <param name="Length">From its beginning until it is tried again.</param>
/// <param name="Trial">From then on one request at a time may try the key through its gate.</param>
/// <param name="End">From then on every request may; for a rejected key, never.</param>
/// <param name="Strikes">How many in a row ended in the same failure: the next one lasts longer.</param>
/// <param name="Epoch">The epoch of its key that it began; attempts of earlier ones know nothing of it.</param>
internal sealed record Cooldown(Verdict Cause, TimeSpan Length, Deadline Trial, Deadline End, int Strikes, int Epoch)
{
    private static readonly TimeSpan Forever = TimeSpan.MaxValue;

    /// <summary>No try will ever be made.</summary>
    public bool IsForever => Trial.IsNever;

    /// <summary>Begins, or renews after its trial failed, the cooldown that a verdict asks for.</summary>
    public static Cooldown Begin(Verdict cause, UpstreamFailure? failure, RefusalScope scope, int strikes, int epoch, TimeProvider time)
    {
        var length = CooldownLength.Of(cause, failure, scope, strikes, time.GetUtcNow());
        if (length == Forever)
        {
            return new Cooldown(cause, length, Deadline.Never, Deadline.Never, strikes, epoch);
        }

        var trial = Deadline.After(time, length);
        return Consequence.Of(cause).Effect switch
        {
            // A rejected key comes back by proof alone.
            KeyEffect.Reject or KeyEffect.RejectForever => new Cooldown(cause, length, trial, Deadline.Never, strikes, epoch),
            _ when cause == Verdict.QuotaDay => new Cooldown(cause, length, trial,
                Deadline.After(time, PacificMidnight.Until(time.GetUtcNow())), strikes, epoch),
            _ => new Cooldown(cause, length, trial, trial, strikes, epoch),
        };
    }
}
