using System.Collections.Frozen;
using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Tests.Rotation;

/// <summary>What an edge makes of a vault that it reads for the first time: its own rules, not a test's idea of them.</summary>
internal static class ColdEdge
{
    public static ImmutableArray<SlotValue> Ring(DateTimeOffset now, SecretReading leaked, Func<KeySlot, SecretReading> read) =>
        new VaultRing().Take(new VaultReading(KeySlots.All.ToFrozenDictionary(slot => slot, read), leaked), [], now).Values;
}
