using System.Globalization;
using GeminiEdge.Fleet;

namespace GeminiEdge.Rotation;

/// <summary>What the attempts say of a promoted key.</summary>
internal enum WatchDecision
{
    /// <summary>Nothing speaks against it.</summary>
    Keep,

    /// <summary>It is worse than the key that it replaced.</summary>
    RollBack,

    /// <summary>Something is wrong that can't be shown to be the key's fault: rolling back may not help.</summary>
    Outage,
}

/// <summary>
/// Whether a promoted key stays. It is judged by attempts, so also where failover saved the request, and only ever
/// against the former key: what befalls both is an outage.
/// </summary>
/// <param name="Numbers">What it was found in.</param>
internal sealed record WatchVerdict(WatchDecision Decision, string Reason, WatchNumbers Numbers)
{
    /// <summary>Of fewer attempts no share is taken.</summary>
    public const int Sample = 200;

    /// <summary>A smaller share is nothing to act on.</summary>
    public const double Floor = 0.05;

    /// <summary>So many times the former key's share.</summary>
    public const int Factor = 3;

    /// <summary>
    /// Why keeping the key says little; null when it doesn't. One that is cooled for hours is not tried, and so never comes
    /// to a sample.
    /// </summary>
    public string? Doubt => Numbers is { Promoted: { Attempts: < Sample, KeyAndQuotaRate: >= Floor } promoted, Others.Attempts: >= Sample and var others }
        ? $"…{Numbers.Promotion.KeyId} is hardly used: {Count(promoted.Attempts)} attempts, {Percent(promoted.KeyAndQuotaRate)} of them with a key or quota verdict, while the other keys had {Count(others)}. Too few to judge it, but so does a key look whose quota or billing is spent: see `edgectl fleet`, and `edgectl rollback` if it is."
        : null;

    public static WatchVerdict Of(Promotion promotion, FleetView fleet)
    {
        var numbers = WatchNumbers.Of(promotion, fleet);
        var after = numbers.Promoted;
        Finding?[] found = [Rejected(numbers), KeyAndQuota(after, numbers.Baseline, numbers.Former), FailedRequests(after, numbers.Baseline, numbers.Others)];
        var (decision, reason) = found.FirstOrDefault(finding => finding?.Decision == WatchDecision.RollBack)
            ?? found.FirstOrDefault(finding => finding is not null)
            ?? (after.Attempts >= Sample && after.UpstreamRate >= Floor
                ? new Finding(WatchDecision.Outage, $"{Percent(after.UpstreamRate)} of {Count(after.Attempts)} attempts fail at Google itself, whatever the key")
                : new(WatchDecision.Keep, $"…{promotion.KeyId} had {Count(after.Attempts)} attempts, {Percent(after.KeyAndQuotaRate)} of them with a key or quota verdict{(after.Attempts < Sample ? $"; of fewer than {Sample} no share is judged" : "")}"));
        return new(decision, reason, numbers);
    }

    private static Finding? Rejected(WatchNumbers numbers)
    {
        var (rejected, active) = (numbers.Rejecting.Length, numbers.Active);
        if (rejected == 0 || 2 * rejected < active)
        {
            return null;
        }

        var text = $"{rejected} of {active} active instances hold …{numbers.Promotion.KeyId} rejected";
        return 2 * numbers.RejectingFormer.Length >= active
            ? new Finding(WatchDecision.Outage, $"{text}, and the former key …{numbers.Promotion.FormerId} too")
            : new(WatchDecision.RollBack, text);
    }

    private static Finding? KeyAndQuota(KeyTotals after, KeyTotals before, KeyTotals former)
    {
        if (!IsWorse(after, after.KeyAndQuotaRate, before.KeyAndQuotaRate))
        {
            return null;
        }

        var text = $"{Percent(after.KeyAndQuotaRate)} of {Count(after.Attempts)} attempts got a key or quota verdict, {Percent(before.KeyAndQuotaRate)} in the half hour before the promotion";
        return after.KeyAndQuotaRate < Factor * former.KeyAndQuotaRate
            && IsNoWorse(after.KeyAndQuota, after.KeyAndQuotaRate, former.KeyAndQuota, former.KeyAndQuotaRate, former.Attempts)
            ? new Finding(WatchDecision.Outage, $"{text}, but the former key fares no better now ({Percent(former.KeyAndQuotaRate)})")
            : new(WatchDecision.RollBack, text);
    }

    private static Finding? FailedRequests(KeyTotals after, KeyTotals before, KeyTotals others)
    {
        if (!IsWorse(after, after.FailedRate, before.FailedRate))
        {
            return null;
        }

        var text = $"{Count(after.FailedRequests)} requests failed in {Count(after.Attempts)} attempts, {Percent(before.FailedRate)} in the half hour before the promotion";
        if (others.Attempts < Sample)
        {
            // When all fails, the requests fail with the key that is tried first.
            return new(WatchDecision.Outage, $"{text}, but no other key was used enough to compare ({Count(others.Attempts)} attempts)");
        }

        return others.FailedRate >= Floor && IsNoWorse(after.FailedRequests, after.FailedRate, others.FailedRequests, others.FailedRate, others.Attempts)
            ? new Finding(WatchDecision.Outage, $"{text}, but so they do with the other keys ({Percent(others.FailedRate)})")
            : new(WatchDecision.RollBack, $"{text}, and {Percent(others.FailedRate)} with the other keys");
    }

    /// <summary>
    /// What befell the promoted key befell the others just as well. A share alone doesn't show it: they mostly see what failed
    /// over to them, and of few attempts one stray failure is a large share.
    /// </summary>
    private static bool IsNoWorse(long count, double rate, long otherCount, double otherRate, long otherAttempts) =>
        Factor * otherCount > count || (otherAttempts >= Sample && otherRate >= rate);

    private static bool IsWorse(KeyTotals after, double rate, double before) => after.Attempts >= Sample && rate >= Floor && rate >= Factor * before;

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.#} %");

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private sealed record Finding(WatchDecision Decision, string Reason);
}
