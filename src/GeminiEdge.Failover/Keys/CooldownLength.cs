using System.Collections.Immutable;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Keys;

/// <summary>How long each verdict rests a key; the lengths grow while the same failure repeats.</summary>
internal static class CooldownLength
{
    // Google truncates its delays to whole seconds.
    private static readonly TimeSpan ASecond = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestMinuteQuota = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LongestUnknownQuota = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestBilling = TimeSpan.FromHours(1);

    private static readonly ImmutableArray<TimeSpan> Rejected =
        [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15)];

    /// <param name="cause">The verdict.</param>
    /// <param name="failure">The answer it was read from.</param>
    /// <param name="scope">What it rests.</param>
    /// <param name="strikes">1 for the first failure in a row.</param>
    /// <param name="utcNow">For quotas that reset at midnight.</param>
    /// <returns><see cref="TimeSpan.MaxValue"/> for ever.</returns>
    public static TimeSpan Of(Verdict cause, UpstreamFailure? failure, RefusalScope scope, int strikes, DateTimeOffset utcNow) => cause switch
    {
        Verdict.KeyLeaked when scope == RefusalScope.Key => TimeSpan.MaxValue,
        Verdict.KeyInvalid or Verdict.KeyLeaked or Verdict.KeyBlocked or Verdict.ProjectDenied => Rejected[Math.Min(strikes, Rejected.Length) - 1],
        Verdict.CredentialRefused => TimeSpan.FromMinutes(5),
        Verdict.BillingExhausted => Doubling(TimeSpan.FromMinutes(10), strikes, LongestBilling),
        Verdict.QuotaNone => TimeSpan.FromDays(1),

        // Google's delay is no use here: a daily quota came with delays of 0 and 19 seconds.
        Verdict.QuotaDay => Shorter(TimeSpan.FromMinutes(30), PacificMidnight.Until(utcNow)),

        Verdict.QuotaMinute => Shorter(failure?.Delay + ASecond ?? TimeSpan.FromMinutes(1), LongestMinuteQuota),
        Verdict.QuotaUnknown => Shorter(
            Longer(Doubling(TimeSpan.FromSeconds(5), strikes, LongestUnknownQuota), failure?.Delay + ASecond), LongestUnknownQuota),
        Verdict.ModelUnavailable => TimeSpan.FromHours(1),
        _ => throw new ArgumentOutOfRangeException(nameof(cause), cause, "This verdict leaves the key as it is."),
    };

    private static TimeSpan Doubling(TimeSpan first, int strikes, TimeSpan longest) =>
        Shorter(first * Math.Pow(2, Math.Min(strikes, 20) - 1), longest);

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Longer(TimeSpan a, TimeSpan? b) => b > a ? b.Value : a;
}
