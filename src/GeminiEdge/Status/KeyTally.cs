using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;

namespace GeminiEdge.Status;

/// <summary>What is counted of one slot and key_id since the start; the lock of <see cref="StatusBoard"/> guards it.</summary>
internal sealed class KeyTally(RingKey key)
{
    public RingKey Key { get; set; } = key;

    public long Attempts { get; set; }

    public long Failures { get; set; }

    public DateTimeOffset LastAttempt { get; set; }

    /// <summary>By minute: attempts, failures.</summary>
    public PeriodCounts Minutes { get; } = new(StatusBoard.MinutesKept, 2);

    public bool Is(RingKey key) => ReferenceEquals(Key, key) || (Key.Slot == key.Slot && Key.Id == key.Id);
}
