using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Errors as the Interactions API words them: a code in small letters in place of number, status and details.</summary>
internal static class InteractionErrors
{
    public static JsonObject Describe(GeminiError error) => new() { ["message"] = error.Message, ["code"] = CodeOf(error) };

    private static string CodeOf(GeminiError error) => (error.Code, error.Status) switch
    {
        (402, _) => "payment_required",
        (429, _) => Quota(error.Message, error.Details),
        (_, "INVALID_ARGUMENT") => "invalid_request",
        (_, "INTERNAL") => "internal_error",
        var (_, status) => status.ToLowerInvariant(),
    };

    private static string Quota(string message, JsonObject[] details)
    {
        var ids = details.SelectMany(detail => detail.Items("violations")).Select(violation => violation.Text("quotaId")).OfType<string>().ToList();
        return ids.Exists(id => id.Contains("PerDay", StringComparison.Ordinal)) ? "quota_exceeded"
            : ids.Count > 0 || message.Contains("retry in", StringComparison.OrdinalIgnoreCase) ? "rate_limit_exceeded"
            : "too_many_requests";
    }
}
