using System.Collections.Frozen;

namespace GeminiEdge.Failover.Keys;

/// <summary>What a refresh read: some of the slots, and the list of leaked keys.</summary>
internal sealed record VaultReading(FrozenDictionary<KeySlot, SecretReading> Slots, SecretReading Leaked)
{
    /// <summary>The first reason why not everything is known.</summary>
    public VaultTrouble? Trouble => Slots.Values.Append(Leaked).FirstOrDefault(reading => reading.Trouble is not null)?.Trouble;
}
