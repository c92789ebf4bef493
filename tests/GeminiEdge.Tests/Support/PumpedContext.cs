using System.Collections.Concurrent;

namespace GeminiEdge.Tests.Support;

/// <summary>
/// Runs what is posted to it on the test's own thread, when the test says so: the order is the test's choice. What is posted by
/// somebody else, who only passed by on that thread, is not lost: when nobody pumps any more, the pool runs it.
/// </summary>
internal sealed class PumpedContext : SynchronizationContext, IDisposable
{
    private static readonly TimeSpan Forgotten = TimeSpan.FromSeconds(5);

    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _posted = [];
    private readonly ITimer _watch;
    private long _pumps;
    private long _pumpsSeen;
    private volatile bool _isOver;

    public PumpedContext() => _watch = TimeProvider.System.CreateTimer(_ => GiveAwayIfForgotten(), null, Forgotten, Forgotten);

    public override void Post(SendOrPostCallback d, object? state)
    {
        _posted.Add((d, state));
        if (_isOver)
        {
            GiveAway();
        }
    }

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs what has been posted, and waits for more as long as something is known to be on its way.</summary>
    /// <param name="isMoreExpected">Asked whenever nothing is left to run.</param>
    /// <param name="limit">How long it waits for each; null for as long as tests wait.</param>
    /// <returns>False when that never came.</returns>
    public bool Run(Func<bool> isMoreExpected, TimeSpan? limit = null)
    {
        while (true)
        {
            Interlocked.Increment(ref _pumps);
            while (_posted.TryTake(out var next))
            {
                Interlocked.Increment(ref _pumps);
                next.Callback(next.State);
            }

            if (!isMoreExpected())
            {
                return true;
            }

            if (!_posted.TryTake(out var late, limit ?? Patience.Limit))
            {
                return false;
            }

            late.Callback(late.State);
        }
    }

    /// <summary>Runs what has been posted, and what those post who are woken by it on other threads.</summary>
    public void Settle()
    {
        bool hasMore;
        do
        {
            hasMore = _posted.Count > 0;
            Run(() => false);

            // Whoever was queued before has been woken by others; three times, since they may queue more. A task would be run by
            // this very thread, which waits for it.
            for (var i = 0; i < 3; i++)
            {
                using var passed = new ManualResetEventSlim();
                ThreadPool.UnsafeQueueUserWorkItem(static passed => passed.Set(), passed, preferLocal: true);
                passed.Wait();
            }
        }
        while (hasMore || _posted.Count > 0);
    }

    public void Dispose()
    {
        _isOver = true;
        _watch.Dispose();
        GiveAway();
    }

    private void GiveAwayIfForgotten()
    {
        var pumps = Interlocked.Read(ref _pumps);
        if (pumps == Interlocked.Exchange(ref _pumpsSeen, pumps))
        {
            GiveAway();
        }
    }

    private void GiveAway()
    {
        while (_posted.TryTake(out var next))
        {
            ThreadPool.QueueUserWorkItem(static posted => posted.Callback(posted.State), next, preferLocal: false);
        }
    }
}
