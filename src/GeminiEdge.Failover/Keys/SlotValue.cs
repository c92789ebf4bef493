namespace GeminiEdge.Failover.Keys;

/// <summary>What a source holds in a slot.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Key">Its key.</param>
/// <param name="Version">The secret's version; settings have none.</param>
/// <param name="ExpiresOn">The secret's <c>exp</c>, if it has one.</param>
/// <param name="CreatedOn">When that version was written; null where nobody says.</param>
internal readonly record struct SlotValue(KeySlot Slot, ApiKey Key, string? Version = null, DateTimeOffset? ExpiresOn = null, DateTimeOffset? CreatedOn = null);
