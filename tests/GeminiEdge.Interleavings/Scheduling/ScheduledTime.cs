namespace GeminiEdge.Interleavings.Scheduling;

/// <summary>A clock that its schedule moves. Each timer that is due is an operation, as on the pool.</summary>
internal sealed class ScheduledTime(Schedule schedule) : TimeProvider
{
    private static readonly DateTimeOffset Began = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    private readonly List<Timer> _timers = [];

    // Not at zero: a clock never stands there.
    private long _now = TimeSpan.FromHours(1).Ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now;

    public override DateTimeOffset GetUtcNow() => Began + TimeSpan.FromTicks(_now);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan time)
    {
        _now += time.Ticks;
        Ring();
    }

    /// <summary>Goes on to the moment at which the next timer is due.</summary>
    /// <returns>False when there is none.</returns>
    public bool GoToNext()
    {
        if (_timers.Count == 0)
        {
            return false;
        }

        _now = Math.Max(_now, _timers.Min(timer => timer.Due));
        Ring();
        return true;
    }

    private void Ring()
    {
        foreach (var timer in _timers.FindAll(timer => timer.Due <= _now))
        {
            _timers.Remove(timer);
            schedule.Add("timer", timer.Fire);
        }
    }

    private sealed class Timer(ScheduledTime time, TimerCallback callback, object? state) : ITimer
    {
        private bool _isDisposed;

        public long Due { get; private set; }

        public void Fire()
        {
            if (!_isDisposed)
            {
                Points.Elsewhere(() => callback(state));
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Assert.Equal(Timeout.InfiniteTimeSpan, period);
            time._timers.Remove(this);
            if (!_isDisposed && dueTime != Timeout.InfiniteTimeSpan)
            {
                Due = time._now + dueTime.Ticks;
                time._timers.Add(this);
                time.Ring();
            }

            return !_isDisposed;
        }

        public void Dispose()
        {
            _isDisposed = true;
            time._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
