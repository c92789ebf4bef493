using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Support;

/// <summary>A typical answer of the Gemini API for each verdict, for tests that need no socket.</summary>
internal static class UpstreamAnswers
{
    /// <summary>More bytes than this are too large for the quota of <see cref="Verdict.RequestTooLargeForQuota"/>.</summary>
    public const int TokenQuota = 5;

    private static readonly ConcurrentDictionary<string, string> Fixtures = new();

    private static readonly Dictionary<Verdict, (int Status, string File)> Files = new()
    {
        [Verdict.Ok] = (200, "200-generate.json"),
        [Verdict.KeyInvalid] = (400, "400-api-key-invalid.json"),
        [Verdict.CredentialRefused] = (400, "400-multiple-credentials.json"),
        [Verdict.KeyLeaked] = (403, "403-leaked.json"),
        [Verdict.KeyBlocked] = (403, "403-service-blocked.json"),
        [Verdict.ProjectDenied] = (403, "403-consumer-suspended.json"),
        [Verdict.BillingExhausted] = (429, "429-prepay.json"),
        [Verdict.RequestTooLargeForQuota] = (429, "429-minute-tokens.json"),
        [Verdict.QuotaNone] = (429, "429-none-all.json"),
        [Verdict.QuotaDay] = (429, "429-day.json"),
        [Verdict.QuotaMinute] = (429, "429-minute.json"),
        [Verdict.QuotaUnknown] = (429, "429-vague.json"),
        [Verdict.ModelUnavailable] = (404, "404-model-closed.json"),
        [Verdict.Overloaded] = (503, "503-overloaded-array.json"),
        [Verdict.UpstreamError] = (500, "500-internal.json"),
        [Verdict.UpstreamTimeout] = (504, "504-deadline.json"),
        [Verdict.LocationUnsupported] = (400, "400-location.json"),
        [Verdict.ResourceDenied] = (403, "403-file.json"),
        [Verdict.ForbiddenUnknown] = (403, "403-plain.json"),
        [Verdict.CallerError] = (400, "400-invalid-argument.json"),
    };

    /// <summary>The verdicts an answer can lead to; <c>network</c> and <c>client_gone</c> have no answer.</summary>
    public static IReadOnlyCollection<Verdict> Verdicts => Files.Keys;

    /// <summary>What every key gets for a method that takes no API keys.</summary>
    public static HttpResponseMessage NoApiKeys() => new(HttpStatusCode.Unauthorized)
    {
        Content = new StringContent(Fixture("401-plain-batch.json"), System.Text.Encoding.UTF8, "application/json"),
    };

    /// <summary>What every key gets for a model that there isn't.</summary>
    public static HttpResponseMessage NoSuchModel() => new(HttpStatusCode.NotFound)
    {
        Content = new StringContent(Fixture("404-model-unknown.json"), System.Text.Encoding.UTF8, "application/json"),
    };

    public static int Status(Verdict verdict) => Files[verdict].Status;

    /// <summary>The answer; an error quotes the key, as Google's do now and then, in its text and in a header.</summary>
    public static HttpResponseMessage Of(Verdict verdict, string? quotedKey = null)
    {
        var (status, file) = Files[verdict];
        var text = Fixture(file).Replace("\"250000\"", $"\"{TokenQuota}\"", StringComparison.Ordinal);
        var response = new HttpResponseMessage((HttpStatusCode)status);
        if (verdict != Verdict.Ok && quotedKey is not null)
        {
            text = Quote(text, quotedKey);
            response.Headers.TryAddWithoutValidation("x-debug", $"consumer=api_key:{quotedKey};");
        }

        response.Content = new StringContent(text, System.Text.Encoding.UTF8, "application/json");
        return response;
    }

    public static string Fixture(string file) => Fixtures.GetOrAdd(file, static name =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Verdicts", "Fixtures", name)));

    private static string Quote(string text, string key)
    {
        var node = JsonNode.Parse(text)!;
        var error = (node is JsonArray array ? array[0]! : node)["error"]!;
        error["message"] = error["message"]!.GetValue<string>() + $" Consumer 'api_key:{key}' said so.";
        return node.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
