namespace GeminiEdge.Fuzz;

/// <summary>A clock whose waits are over at once, and which is that much later then.</summary>
internal sealed class HastyTime : TimeProvider
{
    private TimeSpan _elapsed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => StillTime.Now + _elapsed;

    public override long GetTimestamp() => _elapsed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _elapsed += dueTime;
        callback(state);
        return StillTime.Provider.CreateTimer(callback, state, dueTime, period);
    }
}
