using GeminiEdge.Keys;

namespace GeminiEdge.Fleet;

/// <summary>What is counted of one slot and key_id; the lock of <see cref="FleetCounts"/> guards it.</summary>
internal sealed class KeyUse(RingKey key)
{
    /// <summary>The columns: one for each outcome, then the failed requests.</summary>
    public const int Failed = 5;

    /// <summary>The key at its newest place in a ring.</summary>
    public RingKey Key { get; set; } = key;

    /// <summary>When the last attempt began.</summary>
    public DateTimeOffset LastAttempt { get; set; }

    /// <summary>Google reported it as leaked, and that has been told.</summary>
    public bool ToldLeaked { get; set; }

    public PeriodCounts Minutes { get; } = new(FleetCounts.MinutesKept, Failed + 1);

    /// <summary>All attempts, whatever became of them.</summary>
    public PeriodCounts Hours { get; } = new(FleetCounts.HoursKept, 1);

    public bool Is(RingKey key) => ReferenceEquals(Key, key) || (Key.Slot == key.Slot && Key.Id == key.Id);
}
