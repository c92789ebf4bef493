using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;

namespace GeminiEdge.Rotation;

/// <summary>The ring that an edge makes of the vault as it is now.</summary>
internal static class NewestRing
{
    /// <summary>Its <see cref="RingFingerprint"/>: slots in their order, leaked keys left out, each value once.</summary>
    public static string Fingerprint(IEnumerable<SlotState> slots, LeakedKeys leaked) => RingFingerprint.Of(slots
        .Where(slot => slot.Key is not null && !leaked.Contains(slot.Key))
        .OrderBy(slot => slot.Slot)
        .DistinctBy(slot => slot.Key)
        .Select(slot => (slot.Slot.Name(), slot.Key!.Id, slot.Version)));
}
