using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Tells a native request's kind of call from its path. What isn't known here is <c>other</c>, and harms no known kind.</summary>
/// <remarks>Switches, not frozen tables: those would have to be compiled when the edge starts.</remarks>
internal static class CallKindReader
{
    /// <param name="resource">What follows the version, as <c>models/m</c> or <c>files/abc</c>, without the action.</param>
    /// <param name="action">What follows the last colon, or "".</param>
    public static CallKind Of(ReadOnlySpan<char> resource, string action)
    {
        var collection = First(resource);
        if (collection is "models")
        {
            return action.Length > 0 ? OfModel(action)
                : resource.Contains("/operations/", StringComparison.Ordinal) ? CallKind.Media
                : CallKind.Other;
        }

        return !TakesApiKeys(action) ? CallKind.Other : collection switch
        {
            "batches" => CallKind.Batch,
            "cachedContents" => CallKind.Cache,
            "files" or "fileSearchStores" => CallKind.File,
            "interactions" => CallKind.Interaction,
            _ => CallKind.Other,
        };
    }

    /// <param name="route">What follows <c>openai/</c>.</param>
    public static CallKind OfOpenAi(string route) => First(route) switch
    {
        "chat" or "embeddings" => CallKind.OpenAi,
        "images" or "videos" => CallKind.Media,
        "batches" => CallKind.Batch,
        "files" => CallKind.File,
        _ => CallKind.Other,
    };

    private static CallKind OfModel(string action) => action switch
    {
        "generateContent" or "streamGenerateContent" => CallKind.Generate,
        "countTokens" => CallKind.Count,
        "embedContent" or "batchEmbedContents" => CallKind.Embed,
        "predict" or "predictLongRunning" => CallKind.Media,
        "batchGenerateContent" or "asyncBatchEmbedContent" => CallKind.Batch,
        _ => CallKind.Other,
    };

    // Actions that collections are known to take with an API key.
    private static bool TakesApiKeys(string action) => action is "" or "cancel" or "download" or "importFile" or "uploadToFileSearchStore"
        or "updateGenerateContentBatch" or "updateEmbedContentBatch";

    private static ReadOnlySpan<char> First(ReadOnlySpan<char> path)
    {
        var slash = path.IndexOf('/');
        return slash < 0 ? path : path[..slash];
    }
}
