using System.Globalization;
using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>The anatomy of a 429: the metric is the same for every limit, only the quotaId tells them apart.</summary>
internal static class QuotaErrors
{
    private const string Requests = GeminiErrors.Service + "/generate_content_free_tier_requests";
    private const string Exceeding = "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. To monitor your current usage, head to: https://ai.dev/rate-limit. ";
    private const string Tokens = GeminiErrors.Service + "/generate_content_free_tier_input_token_count";

    public static GeminiError Minute(string model, TimeSpan delay) =>
        Exceeded(Requests, "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", 10, model, delay);

    /// <summary>Daily limits come with a short delay that is not to be believed.</summary>
    public static GeminiError Day(string model) =>
        Exceeded(Requests, "GenerateRequestsPerDayPerProjectPerModel-FreeTier", 20, model, TimeSpan.FromSeconds(38.6));

    public static GeminiError None(string model) =>
        Exceeded(Requests, "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", 0, model, TimeSpan.FromSeconds(43.1));

    public static GeminiError InputTokens(string model, TimeSpan delay) =>
        Exceeded(Tokens, "GenerateContentInputTokensPerModelPerMinute-FreeTier", 1_000, model, delay);

    public static GeminiError Unknown() => Exhausted("Resource has been exhausted (e.g. check quota).");

    public static GeminiError HelpOnly() => Exhausted(
        Exceeding + "\n", GeminiErrors.Help("Learn more about Gemini API quotas", "https://ai.google.dev/gemini-api/docs/rate-limits"));

    public static GeminiError InWords(TimeSpan delay) => Exhausted($"You exceeded your current quota.\nPlease retry in {Seconds(delay)}s.");

    public static GeminiError InMetadata(string project, int limit) => Exhausted(
        "Quota exceeded for quota metric 'Generate Content API requests per minute' and limit 'GenerateContent request limit per minute for a region' of service "
        + $"'{GeminiErrors.Service}' for consumer '{project}'.",
        GeminiErrors.Info("RATE_LIMIT_EXCEEDED",
            ("service", GeminiErrors.Service), ("consumer", project), ("quota_location", "europe-west1"),
            ("quota_metric", GeminiErrors.Service + "/generate_content_requests"),
            ("quota_limit", "GenerateContentRequestsPerMinutePerProjectPerRegion"),
            ("quota_limit_value", limit.ToString(CultureInfo.InvariantCulture))));

    public static GeminiError SpendCap() => Exhausted(
        "Your project has exceeded its monthly spending cap. Please go to AI Studio at https://ai.studio/spend to manage your project spend cap.");

    public static GeminiError PrepayDepleted() => Exhausted(
        "Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects to manage your project and billing.") with
    { Code = 402 };

    private static string Seconds(TimeSpan delay) => delay.TotalSeconds.ToString("0.#########", CultureInfo.InvariantCulture);

    private static GeminiError Exhausted(string message, params JsonObject[] details) => new(429, "RESOURCE_EXHAUSTED", message, details);

    private static GeminiError Exceeded(string metric, string quotaId, int limit, string model, TimeSpan delay)
    {
        var violation = new JsonObject
        {
            ["quotaMetric"] = metric,
            ["quotaId"] = quotaId,
            ["quotaDimensions"] = new JsonObject { ["location"] = "global", ["model"] = model },
        };
        if (limit > 0)
        {
            // proto3 JSON leaves a zero out.
            violation["quotaValue"] = limit.ToString(CultureInfo.InvariantCulture);
        }

        return Exhausted(
            Exceeding + "\n"
            + $"* Quota exceeded for metric: {metric}, limit: {limit}, model: {model}\nPlease retry in {Seconds(delay)}s.",
            new JsonObject { ["@type"] = "type.googleapis.com/google.rpc.QuotaFailure", ["violations"] = new JsonArray(violation) },
            GeminiErrors.Help("Learn more about Gemini API quotas", "https://ai.google.dev/gemini-api/docs/rate-limits"),
            new JsonObject
            {
                ["@type"] = "type.googleapis.com/google.rpc.RetryInfo",
                ["retryDelay"] = ((long)delay.TotalSeconds).ToString(CultureInfo.InvariantCulture) + "s",
            });
    }
}
