using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Cli.Drill;

/// <summary>A key put into a slot, or the slot emptied.</summary>
internal sealed record SlotWrite(DateTimeOffset At, KeySlot Slot, string? KeyId);
