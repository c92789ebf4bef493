using GeminiEdge.Failover.Keys;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Fleet;

/// <summary>
/// Writes this instance's row when it was used: at most every 10 s, at once when the ring changes or a key is rejected,
/// one write at a time, and never on a request's path. A write that failed is due again like any other.
/// </summary>
/// <remarks>
/// Use makes the row <em>dirty</em>, and only the first use after a write does anything: it sets the timer for the
/// moment at which the next write is due. So the last state of a burst is written too, and an unused instance writes nothing.
/// </remarks>
internal sealed class FleetReporter : IAsyncDisposable
{
    /// <summary>The least time between two writes that only use asks for.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>How long a shutdown waits for a last write.</summary>
    public static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly FleetOptions _options;
    private readonly FleetCounts _counts;
    private readonly FleetTable _table;
    private readonly KeyRingProvider _ring;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private Task _writing = Task.CompletedTask;
    private Deadline _due;
    private bool _isWriting;
    private bool _isTroubled;
    private bool _isStopping;

    // What every request looks at; the rest is the lock's.
    private volatile bool _isDirty;

    public FleetReporter(FleetOptions options, FleetCounts counts, FleetTable table, KeyRingProvider ring, ILogger<FleetReporter> log, TimeProvider time)
    {
        (_options, _counts, _table, _ring, _log, _time) = (options, counts, table, ring, log, time);
        _timer = time.CreateTimer(static state => ((FleetReporter)state!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        counts.Report = Report;
        ring.Swapped += counts.Changed;
    }

    /// <summary>Writes what has not been written yet, if that takes no longer than a second.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Task writing;
        lock (_lock)
        {
            _isStopping = true;
            writing = _writing;
        }

        using var patience = new CancellationTokenSource(LastPatience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        await writing.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_isDirty && !either.IsCancellationRequested)
        {
            await _table.WriteAsync(Row(), either.Token);
        }
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Report(bool atOnce)
    {
        if (_isDirty && !atOnce)
        {
            return;
        }

        lock (_lock)
        {
            _isDirty = true;
            _due = atOnce ? default : _due;
            Schedule_NeedsLock();
        }
    }

    private void Schedule_NeedsLock()
    {
        if (_isWriting || _isStopping || !_isDirty)
        {
            return;
        }

        if (_due.HasPassed(_time))
        {
            // Before the row is made: what happens from now on may not be in it.
            (_isWriting, _isDirty, _due) = (true, false, Deadline.After(_time, Interval));

            // On a thread of the pool: a request may be on this one, which holds the lock.
            _writing = Task.Run(WriteAsync);
        }
        else
        {
            _timer.Change(_due.Remaining(_time), Timeout.InfiniteTimeSpan);
        }
    }

    private void OnDue()
    {
        lock (_lock)
        {
            Schedule_NeedsLock();
        }
    }

    private async Task WriteAsync()
    {
        var trouble = await _table.WriteAsync(Row(), CancellationToken.None);
        Say(trouble);
        lock (_lock)
        {
            _isWriting = false;
            _isDirty |= trouble is not null;
            Schedule_NeedsLock();
        }
    }

    // Once, not at every write while it lasts.
    private void Say(FleetTrouble? trouble)
    {
        if (trouble is not null && !_isTroubled)
        {
            _log.FleetUnreachable(trouble);
        }
        else if (trouble is null && _isTroubled)
        {
            _log.FleetReachable();
        }

        _isTroubled = trouble is not null;
    }

    private FleetRow Row()
    {
        var (ring, readAt, swappedAt) = _ring.InUse;
        var use = _counts.Read(ring);
        var active = ring.Keys.FirstOrDefault(key => key.Health.IsUp && !key.IsExpiredOld(_time));
        return new FleetRow
        {
            App = _options.App,
            Instance = _options.Instance,
            Version = EdgeVersion.Text,
            Region = _options.Region,
            Ring = RingFingerprint.Of(ring.Keys.Select(key => (key.Slot.Name(), key.Id, key.Version))),
            ActiveSlot = active?.Slot.Name() ?? "",
            ActiveKey = active?.Id ?? "",
            LastSeen = use.LastUse,
            RingRead = readAt,
            RingSwapped = swappedAt,
            Requests = [.. use.Requests.Select(RequestMinute.Of)],
            Keys = use.Keys,
        };
    }
}
