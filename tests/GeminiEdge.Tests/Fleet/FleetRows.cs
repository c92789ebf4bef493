using System.Collections.Immutable;
using GeminiEdge.Fleet;

namespace GeminiEdge.Tests.Fleet;

/// <summary>Rows as instances write them.</summary>
internal static class FleetRows
{
    public static FleetRow Row(string instance, string ring, DateTimeOffset seen, params FleetKey[] keys) =>
        new() { App = "app", Instance = instance, Version = "1.2.3", Region = "West Europe", Ring = ring, ActiveSlot = keys.FirstOrDefault()?.Slot ?? "", ActiveKey = keys.FirstOrDefault()?.KeyId ?? "", LastSeen = seen, Keys = [.. keys] };

    public static FleetKey Key(string slot, string id, params AttemptMinute[] minutes) => new(slot, id, "v", IsInRing: true, "healthy", IsLeaked: false, null, [.. minutes]);

    public static FleetKey Rejected(this FleetKey key) => key with { State = "rejected" };

    public static ImmutableArray<FleetRow> Many(int count, Func<int, FleetRow> row) => [.. Enumerable.Range(0, count).Select(row)];
}
