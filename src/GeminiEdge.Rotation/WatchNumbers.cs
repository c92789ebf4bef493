using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;

namespace GeminiEdge.Rotation;

/// <summary>What a watch compares, counted in attempts over all instances.</summary>
/// <param name="Promoted">The promoted key since the promotion.</param>
/// <param name="Baseline">The former key in the half hour before.</param>
/// <param name="Former">The former key since.</param>
/// <param name="Others">Every key but the promoted one, since.</param>
/// <param name="Active">How many instances are active.</param>
/// <param name="Rejecting">The active instances that hold the promoted key rejected.</param>
/// <param name="RejectingFormer">Those that hold the former key rejected.</param>
internal sealed record WatchNumbers(
    Promotion Promotion, KeyTotals Promoted, KeyTotals Baseline, KeyTotals Former, KeyTotals Others,
    int Active, ImmutableArray<string> Rejecting, ImmutableArray<string> RejectingFormer)
{
    public static WatchNumbers Of(Promotion promotion, FleetView fleet)
    {
        IReadOnlyCollection<FleetRow> rows = [.. fleet.Active, .. fleet.Idle];
        var minute = KeyTotals.MinuteOf(promotion.At);
        return new WatchNumbers(
            promotion,
            KeyTotals.Of(rows, key => key.Slot == promotion.Slot.Name() && key.KeyId == promotion.KeyId, minute),
            promotion.Baseline(rows),

            // From the next minute on: most of this one's attempts were before the promotion.
            KeyTotals.Of(rows, key => key.KeyId == promotion.FormerId, minute + 1),
            KeyTotals.Of(rows, key => key.KeyId != promotion.KeyId, minute + 1),
            fleet.Active.Length,
            Rejects(fleet, promotion.KeyId),
            Rejects(fleet, promotion.FormerId));
    }

    private static ImmutableArray<string> Rejects(FleetView fleet, string keyId) =>
        [.. fleet.Active.Where(row => row.Keys.Any(key => key.IsInRing && key.KeyId == keyId && key.State == KeyState.Rejected.Name())).Select(row => row.Instance)];
}
