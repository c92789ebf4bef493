using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Overload;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// Where requests wait that no key can serve now: for a key's return, for what somebody else's try says, or for a failure
/// to pass that no key is to blame for.
/// </summary>
internal sealed class WaitingRoom(Jitter jitter, TimeProvider time)
{
    /// <summary>How many may wait: those beyond fail at once.</summary>
    public const int Capacity = 1_000;

    private int _waiting;

    /// <summary>Waits until looking again may find a key.</summary>
    /// <param name="journey">The request.</param>
    /// <param name="storms">Who waits for which model.</param>
    /// <param name="atMost">How long it may wait.</param>
    /// <param name="aborted">The caller leaves.</param>
    /// <returns>False where nothing is to be waited for.</returns>
    public async ValueTask<bool> WaitAsync(Journey journey, Storms storms, TimeSpan atMost, CancellationToken aborted)
    {
        if (atMost <= TimeSpan.Zero || journey.Prospects(atMost) is not { IsAny: true } prospects)
        {
            return false;
        }

        using var over = new CancellationTokenSource();
        try
        {
            if (Interlocked.Increment(ref _waiting) > Capacity)
            {
                return false;
            }

            journey.WaitFor(prospects, atMost, storms, jitter, time);

            // A wait that is over leaves nothing behind at what it waited for: a dead key's news may take for ever.
            var news = Task.WhenAny(prospects.News.Select(task => task.WaitAsync(over.Token)));
            await news.WaitAsync(WholeMilliseconds(prospects.Soonest), time, aborted);
        }
        catch (TimeoutException)
        {
            // Whoever has waited long enough may find the gate open for itself.
        }
        finally
        {
            over.Cancel();
            Interlocked.Decrement(ref _waiting);
        }

        return true;
    }

    // A timer knows no less: what is left of one would be waited for without waiting.
    private static TimeSpan WholeMilliseconds(TimeSpan wait) => TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
}
