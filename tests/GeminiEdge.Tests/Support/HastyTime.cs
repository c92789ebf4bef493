namespace GeminiEdge.Tests.Support;

/// <summary>
/// The system's clock for whoever waits for nothing but time: each <c>Task.Delay</c> is over at once, and has taken its
/// time all the same. What limits a request, which does take its time, runs on.
/// </summary>
internal sealed class HastyTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly HashSet<Limit> _limits = [];
    private TimeSpan _skipped;

    /// <summary>From now on even a wait takes its time: somebody interrupts it, or waits for somebody whose clock is the system's.</summary>
    public bool TakesItsTime { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Skipped;

    public override long GetTimestamp() => System.GetTimestamp() + (long)(Skipped.TotalSeconds * TimestampFrequency);

    private TimeSpan Skipped
    {
        get
        {
            lock (_lock)
            {
                return _skipped;
            }
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        // A timer of Task.Delay knows the task.
        if (state is not Task)
        {
            return new Limit(this, callback, state, dueTime, period);
        }

        if (dueTime != Timeout.InfiniteTimeSpan && !TakesItsTime)
        {
            Skip(dueTime);
            dueTime = TimeSpan.Zero;
        }

        return System.CreateTimer(callback, state, dueTime, period);
    }

    private void Skip(TimeSpan time)
    {
        List<Limit> limits;
        lock (_lock)
        {
            _skipped += time;
            limits = [.. _limits];
        }

        limits.ForEach(limit => limit.Skip());
    }

    /// <summary>A timer of its own: due by the system's clock, or when the time to it is skipped.</summary>
    private sealed class Limit : ITimer
    {
        private readonly HastyTime _time;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly ITimer _timer;
        private DateTimeOffset? _due;

        public Limit(HastyTime time, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_time, _callback, _state) = (time, callback, state);
            _timer = System.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Change(dueTime, period);
            lock (time._lock)
            {
                time._limits.Add(this);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (period != Timeout.InfiniteTimeSpan)
            {
                throw new NotSupportedException("Nobody who runs on this clock does anything again and again.");
            }

            lock (_time._lock)
            {
                _due = dueTime == Timeout.InfiniteTimeSpan ? null : System.GetUtcNow() + _time._skipped + dueTime;
            }

            return _timer.Change(dueTime, period);
        }

        public void Skip()
        {
            DateTimeOffset? due;
            lock (_time._lock)
            {
                due = _due;
            }

            var left = due - _time.GetUtcNow();
            if (left <= TimeSpan.Zero)
            {
                Fire();
            }
            else if (left is { } rest)
            {
                _timer.Change(rest, Timeout.InfiniteTimeSpan);
            }
        }

        public void Dispose()
        {
            lock (_time._lock)
            {
                _due = null;
                _time._limits.Remove(this);
            }

            _timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire()
        {
            lock (_time._lock)
            {
                if (_due is null)
                {
                    return;
                }

                _due = null;
            }

            _callback(_state);
        }
    }
}
