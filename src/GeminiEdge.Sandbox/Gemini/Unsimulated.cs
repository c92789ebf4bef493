using System.Collections.Frozen;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>What Google has and the sandbox has not: it says so, and does not look like a wrong address.</summary>
internal static class Unsimulated
{
    private static readonly FrozenSet<string> Collections = FrozenSet.Create(StringComparer.Ordinal,
        "operations", "fileSearchStores", "corpora", "agents", "environments", "triggers", "webhooks", "generatedFiles", "auth_tokens", "authTokens", "dynamic");

    private static readonly FrozenSet<string> Verbs = FrozenSet.Create(StringComparer.Ordinal,
        "predict", "predictLongRunning", "asyncBatchEmbedContent", "generateAnswer", "generateText", "generateMessage", "embedText", "batchEmbedText",
        "countTextTokens", "countMessageTokens");

    private static readonly FrozenSet<string> OpenAiCollections = FrozenSet.Create(StringComparer.Ordinal,
        "images", "audio", "files", "batches", "videos", "responses", "completions", "moderations", "uploads");

    /// <summary>Null for an address that is nobody's.</summary>
    public static GeminiError? Of(SandboxCall call)
    {
        var route = call.Route;
        var isGoogles = route.Family switch
        {
            RouteFamily.OpenAi => OpenAiCollections.Contains(route.Collection),
            RouteFamily.Native => Collections.Contains(route.Collection)
                || (route.Collection == "models" && (Verbs.Contains(route.Verb ?? "") || route.Name?.Contains("/operations/", StringComparison.Ordinal) == true)),
            RouteFamily.Upload => route.Collection == "fileSearchStores",
            _ => false,
        };
        return isGoogles ? GeminiErrors.NotSimulated($"{call.Request.Method} {call.Request.Path}") : null;
    }
}
