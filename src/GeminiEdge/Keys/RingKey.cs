namespace GeminiEdge.Keys;

/// <summary>A key at its place in the ring, with the health that is remembered for its value.</summary>
internal sealed record RingKey(KeySlot Slot, ApiKey Key, string? Version, KeyHealth Health)
{
    /// <summary>The key's last four characters.</summary>
    public string Id { get; } = Key.Id;
}
