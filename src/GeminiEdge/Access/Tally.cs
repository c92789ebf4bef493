namespace GeminiEdge.Access;

/// <summary>
/// Counts what happens too often to be told each time, and tells it at most once a second: the first at once, those of the next
/// second together at its end.
/// </summary>
/// <param name="tell">Takes how many there were.</param>
internal sealed class Tally(TimeProvider time, Action<long> tell) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private ITimer? _timer;
    private bool _waits;
    private long _count;

    public void Add()
    {
        long count;
        lock (_lock)
        {
            _count++;
            if (_waits)
            {
                return;
            }

            count = Take_NeedsLock();
        }

        tell(count);
    }

    public void Dispose()
    {
        _timer?.Dispose();
        Look();
    }

    private void Look()
    {
        long count;
        lock (_lock)
        {
            _waits = false;
            if (_count == 0)
            {
                return;
            }

            count = Take_NeedsLock();
        }

        tell(count);
    }

    /// <summary>What is told now; the next is told in a second.</summary>
    private long Take_NeedsLock()
    {
        var count = _count;
        (_count, _waits) = (0, true);
        _timer ??= time.CreateTimer(static tally => ((Tally)tally!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(Interval, Timeout.InfiniteTimeSpan);
        return count;
    }
}
