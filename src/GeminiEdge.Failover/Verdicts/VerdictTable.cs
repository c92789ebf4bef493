using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace GeminiEdge.Failover.Verdicts;

/// <summary>
/// The signs by which a failure is known: the first row that matches decides. Body first, status second, because
/// Gemini says "dead key" with a 400, "leaked" with a 403 without details and "out of money" with a 402 or a 429.
/// </summary>
internal static partial class VerdictTable
{
    private static readonly ImmutableArray<(Verdict Verdict, Func<UpstreamFailure, bool> Matches)> Rows =
    [
        (Verdict.KeyInvalid, f => f.Status == 401),
        (Verdict.KeyInvalid, f => f.Status is 400 or 403 && f.SaysKeyIsInvalid),
        (Verdict.CredentialRefused, f => f.Status == 400 && (f.HasReason("OVERLOADED_CREDENTIALS")
            || f.Says("Multiple authentication credentials", "Missing or invalid Authorization header", "Invalid Auth key"))),
        (Verdict.KeyLeaked, f => f.Status == 403 && f.Says("Your API key was reported as leaked")),
        (Verdict.KeyBlocked, f => f.Status == 403 && f.Error.Reason is { } reason
            && reason.StartsWith("API_KEY_", StringComparison.Ordinal) && reason.EndsWith("_BLOCKED", StringComparison.Ordinal)),
        (Verdict.ProjectDenied, f => f.Status is 400 or 403 && f.HasReason("BILLING_DISABLED")),
        (Verdict.ProjectDenied, f => f.Status == 403 && (f.HasReason("SERVICE_DISABLED")
            || (f.Error.Reason?.StartsWith("CONSUMER_", StringComparison.Ordinal) ?? false)
            || f.Says("Your project has been denied access"))),
        (Verdict.BillingExhausted, f => f.Status == 402),
        (Verdict.BillingExhausted, f => f.Status == 429 && !f.Error.HasFieldViolations && f.Error.Reason is null
            && OutOfMoney().IsMatch(f.Error.Message)),
        (Verdict.RequestTooLargeForQuota, f => f.Status == 429 && f.Error.Quotas.Any(q => q.Value > 0
            && TokensPerMinute().IsMatch(q.Id) && f.TextBytes / 4 > q.Value)),
        (Verdict.QuotaNone, f => f.Status == 429 && (f.Error.Quotas.Any(q => q.Value == 0) || LimitZero().IsMatch(f.Error.Message))),
        (Verdict.QuotaDay, f => f.Status == 429 && (f.Error.Quotas.Any(q => PerDay().IsMatch(q.Id)) || f.HasCode("quota_exceeded"))),
        (Verdict.QuotaMinute, f => f.Status == 429 && (f.Error.Quotas.Any(q => PerMinute().IsMatch(q.Id)) || f.HasCode("rate_limit_exceeded"))),
        (Verdict.QuotaUnknown, f => f.Status == 429),
        (Verdict.ModelUnavailable, f => f.Status == 404 && f.Error.Reason is null && !f.Error.HasFieldViolations
            && ClosedModel().IsMatch(f.Error.Message)),
        (Verdict.ModelUnavailable, f => f.Status is 400 or 403 && f.Error.Reason is null && !f.Error.HasFieldViolations
            && BilledUsersOnly().IsMatch(f.Error.Message)),
        (Verdict.Overloaded, f => f.Status == 503),
        (Verdict.UpstreamTimeout, f => f.Status == 504),
        (Verdict.UpstreamError, f => f.Status is >= 500 or < 400 or 408 or 499),
        (Verdict.LocationUnsupported, f => f.Status == 400 && f.Says(
            "User location is not supported", "Gemini API free tier is not available in your country")),
        (Verdict.ResourceDenied, f => f.Status == 403 && f.Says(
            "You do not have permission to access the File",
            "You do not have permission to access the CachedContent",
            "CachedContent not found")),
        (Verdict.CallerError, f => f.Status == 403 && f.Error.HasFieldViolations && f.Error.Reason is null),
        (Verdict.ForbiddenUnknown, f => f.Status == 403),
    ];

    /// <summary>Judges an answer that is not a success. 304 and 308 are successes here: they are part of the protocol.</summary>
    public static Verdict Judge(UpstreamFailure failure)
    {
        foreach (var (verdict, matches) in Rows)
        {
            if (matches(failure))
            {
                return verdict;
            }
        }

        // Whatever else a client is told with a 4xx is about its request.
        return Verdict.CallerError;
    }

    [GeneratedRegex("^Your (prepayment credits are depleted|(project|billing account|account) has exceeded its .{0,40}?spend(ing)? (cap|limit))", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OutOfMoney();

    [GeneratedRegex("Tokens.*PerMinute", RegexOptions.CultureInvariant)]
    private static partial Regex TokensPerMinute();

    [GeneratedRegex(@"\blimit: 0(?![.0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex LimitZero();

    [GeneratedRegex("PerMinute|PerSecond", RegexOptions.CultureInvariant)]
    private static partial Regex PerMinute();

    [GeneratedRegex("PerDay|Daily", RegexOptions.CultureInvariant)]
    private static partial Regex PerDay();

    [GeneratedRegex(@"^This model \S{1,200} is no longer available to new users", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ClosedModel();

    [GeneratedRegex(@"^(\S{1,100} ){1,12}(is|are) (currently )?only accessible to billed users", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BilledUsersOnly();
}
