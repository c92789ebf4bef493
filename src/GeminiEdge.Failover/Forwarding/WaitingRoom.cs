namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// Where requests wait that no key can serve now while somebody else is trying one: its first good byte lets them go,
/// and a try that fails costs them nothing.
/// </summary>
internal sealed class WaitingRoom(TimeProvider time)
{
    /// <summary>How many may wait: those beyond fail at once.</summary>
    public const int Capacity = 1_000;

    private int _waiting;

    /// <summary>Waits until a try with one of the request's keys has ended, or has taken so long that another may begin.</summary>
    /// <param name="walk">The request's way; only keys that it has not tried count.</param>
    /// <param name="atMost">How long it may wait.</param>
    /// <param name="aborted">The caller leaves.</param>
    /// <returns>Whether looking again may find a key.</returns>
    public async ValueTask<bool> WaitAsync(CandidateWalk walk, TimeSpan atMost, CancellationToken aborted)
    {
        var keys = walk.Watch();
        var held = keys.Where(key => key.HeldFor > TimeSpan.Zero).Select(key => key.HeldFor).ToList();
        if (held.Count == 0 || atMost <= TimeSpan.Zero)
        {
            return false;
        }

        try
        {
            if (Interlocked.Increment(ref _waiting) > Capacity)
            {
                return false;
            }

            // Or until one of the keys is worth a look anyway.
            var least = held.Concat(walk.NextTurns()).Append(atMost).Min();
            await Task.WhenAny(keys.Select(key => key.News)).WaitAsync(least, time, aborted);
        }
        catch (TimeoutException)
        {
            // Whoever has waited long enough may find the gate open for itself.
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        return true;
    }
}
