namespace GeminiEdge.Failover.Keys;

/// <summary>
/// A moment on the monotonic clock: a wall clock that jumps moves no cooldown. The default value has always passed.
/// </summary>
internal readonly struct Deadline
{
    private readonly long _timestamp;
    private readonly bool _set;

    private Deadline(long timestamp)
    {
        _timestamp = timestamp;
        _set = true;
    }

    /// <summary>A moment that never comes.</summary>
    public static Deadline Never { get; } = new(long.MaxValue);

    /// <summary>This long from now.</summary>
    public static Deadline After(TimeProvider time, TimeSpan delay) =>
        new(time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency));

    /// <summary>When it is, on the provider's clock; a value that is not set has passed since ever.</summary>
    public long Timestamp => _set ? _timestamp : long.MinValue;

    public bool IsNever => _timestamp == long.MaxValue;

    public bool HasPassed(TimeProvider time) => !_set || time.GetTimestamp() >= _timestamp;

    /// <summary>How long until then, at least zero; for <see cref="Never"/> the longest there is.</summary>
    public TimeSpan Remaining(TimeProvider time)
    {
        if (IsNever)
        {
            return TimeSpan.MaxValue;
        }

        // Read once: it may pass between two looks.
        var left = _set ? _timestamp - time.GetTimestamp() : 0;
        return left <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(left / (double)time.TimestampFrequency);
    }
}
