namespace GeminiEdge.Failover.Keys;

/// <summary>A key at its place in the ring, with the health that is remembered for its value.</summary>
internal sealed record RingKey(KeySlot Slot, ApiKey Key, string? Version, KeyHealth Health, DateTimeOffset? ExpiresOn = null, DateTimeOffset? CreatedOn = null)
{
    /// <summary>The key's last four characters.</summary>
    public string Id { get; } = Key.Id;

    /// <summary>It is the former PRIMARY, and its day is over: only for requests that every other key has failed.</summary>
    public bool IsExpiredOld(TimeProvider time) => Slot == KeySlot.Old && ExpiresOn <= time.GetUtcNow();
}
