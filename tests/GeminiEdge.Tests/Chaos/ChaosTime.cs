using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Chaos;

/// <summary>A fake clock that knows how many wait for nothing but time.</summary>
internal sealed class ChaosTime : JumpyTime
{
    private int _waits;

    public int Waits => Volatile.Read(ref _waits);

    // A timer of a wait knows the task.
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        state is Task ? new Wait(this, callback, state, dueTime, period) : base.CreateTimer(callback, state, dueTime, period);

    private sealed class Wait : ITimer
    {
        private readonly ChaosTime _time;
        private readonly ITimer _timer;
        private int _isOver;

        public Wait(ChaosTime time, TimerCallback callback, object state, TimeSpan dueTime, TimeSpan period)
        {
            _time = time;
            Interlocked.Increment(ref time._waits);
            _timer = time.CreateTimer(_ => End(callback, state), null, dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => _timer.Change(dueTime, period);

        public void Dispose()
        {
            End();
            _timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void End(TimerCallback callback, object state)
        {
            End();
            callback(state);
        }

        private void End()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                Interlocked.Decrement(ref _time._waits);
            }
        }
    }
}
