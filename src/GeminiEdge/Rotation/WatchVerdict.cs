using System.Globalization;
using GeminiEdge.Fleet;
using GeminiEdge.Keys;

namespace GeminiEdge.Rotation;

/// <summary>What the attempts say of a promoted key.</summary>
internal enum WatchDecision
{
    /// <summary>Nothing speaks against it.</summary>
    Keep,

    /// <summary>It is worse than the key that it replaced.</summary>
    RollBack,

    /// <summary>Something is wrong that is not the key's fault: rolling back would not help.</summary>
    Outage,
}

/// <summary>
/// Whether a promoted key stays. It is judged by attempts, so also where failover saved the request, and only ever
/// against the former key: what befalls both is an outage.
/// </summary>
internal sealed record WatchVerdict(WatchDecision Decision, string Reason)
{
    /// <summary>Of fewer attempts no share is taken.</summary>
    public const int Sample = 200;

    /// <summary>A smaller share is nothing to act on.</summary>
    public const double Floor = 0.05;

    /// <summary>So many times the former key's share.</summary>
    public const int Factor = 3;

    public static WatchVerdict Of(Promotion promotion, FleetView fleet)
    {
        // 1. What is known.
        IReadOnlyCollection<FleetRow> rows = [.. fleet.Active, .. fleet.Idle];
        var minute = KeyTotals.MinuteOf(promotion.At);
        var before = promotion.Baseline(rows);
        var after = KeyTotals.Of(rows, key => key.Slot == promotion.Slot.Name() && key.KeyId == promotion.KeyId, minute);

        // From the next minute on: most of this one's attempts were before the promotion.
        var former = KeyTotals.Of(rows, key => key.KeyId == promotion.FormerId, minute + 1);
        var others = KeyTotals.Of(rows, key => key.KeyId != promotion.KeyId, minute + 1);

        // 2. The rules.
        WatchVerdict?[] found = [Rejected(promotion, fleet), KeyAndQuota(after, before, former), FailedRequests(after, before, others)];
        return found.FirstOrDefault(verdict => verdict?.Decision == WatchDecision.RollBack)
            ?? found.FirstOrDefault(verdict => verdict is not null)
            ?? (after.Attempts >= Sample && after.UpstreamRate >= Floor
                ? new(WatchDecision.Outage, $"{Percent(after.UpstreamRate)} of {Count(after.Attempts)} attempts fail at Google itself, whatever the key")
                : new(WatchDecision.Keep, $"…{promotion.KeyId} had {Count(after.Attempts)} attempts, {Percent(after.KeyAndQuotaRate)} of them with a key or quota verdict{(after.Attempts < Sample ? $"; of fewer than {Sample} no share is judged" : "")}"));
    }

    private static WatchVerdict? Rejected(Promotion promotion, FleetView fleet)
    {
        var rejected = fleet.Active.Count(row => IsRejected(row, promotion.KeyId));
        if (rejected == 0 || 2 * rejected < fleet.Active.Length)
        {
            return null;
        }

        var text = $"{rejected} of {fleet.Active.Length} active instances hold …{promotion.KeyId} rejected";
        return 2 * fleet.Active.Count(row => IsRejected(row, promotion.FormerId)) >= fleet.Active.Length
            ? new(WatchDecision.Outage, $"{text}, and the former key …{promotion.FormerId} too")
            : new(WatchDecision.RollBack, text);
    }

    private static WatchVerdict? KeyAndQuota(KeyTotals after, KeyTotals before, KeyTotals former)
    {
        if (!IsWorse(after, after.KeyAndQuotaRate, before.KeyAndQuotaRate))
        {
            return null;
        }

        var text = $"{Percent(after.KeyAndQuotaRate)} of {Count(after.Attempts)} attempts got a key or quota verdict, {Percent(before.KeyAndQuotaRate)} in the half hour before the promotion";
        return after.KeyAndQuotaRate < Factor * former.KeyAndQuotaRate
            ? new(WatchDecision.Outage, $"{text}, but the former key fares no better now ({Percent(former.KeyAndQuotaRate)})")
            : new(WatchDecision.RollBack, text);
    }

    private static WatchVerdict? FailedRequests(KeyTotals after, KeyTotals before, KeyTotals others)
    {
        if (!IsWorse(after, after.FailedRate, before.FailedRate))
        {
            return null;
        }

        var text = $"{Count(after.FailedRequests)} requests failed in {Count(after.Attempts)} attempts, {Percent(before.FailedRate)} in the half hour before the promotion";
        return others.FailedRate >= Floor
            ? new(WatchDecision.Outage, $"{text}, but so they do with the other keys ({Percent(others.FailedRate)})")
            : new(WatchDecision.RollBack, $"{text}, and with no other key");
    }

    private static bool IsWorse(KeyTotals after, double rate, double before) => after.Attempts >= Sample && rate >= Floor && rate >= Factor * before;

    private static bool IsRejected(FleetRow row, string keyId) => row.Keys.Any(key => key.IsInRing && key.KeyId == keyId && key.State == KeyState.Rejected.Name());

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.#} %");

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
