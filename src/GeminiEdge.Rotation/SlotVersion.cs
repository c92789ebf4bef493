using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Rotation;

/// <summary>One version of a slot's secret.</summary>
internal sealed record SlotVersion(KeySlot Slot, string Version);
