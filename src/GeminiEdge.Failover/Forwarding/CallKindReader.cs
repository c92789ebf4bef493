using System.Collections.Frozen;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Tells a native request's kind of call from its path. What isn't known here is <c>other</c>, and harms no known kind.</summary>
internal static class CallKindReader
{
    private static readonly FrozenDictionary<string, CallKind> ByModelAction = new Dictionary<string, CallKind>
    {
        ["generateContent"] = CallKind.Generate,
        ["streamGenerateContent"] = CallKind.Generate,
        ["countTokens"] = CallKind.Count,
        ["embedContent"] = CallKind.Embed,
        ["batchEmbedContents"] = CallKind.Embed,
        ["predict"] = CallKind.Media,
        ["predictLongRunning"] = CallKind.Media,
        ["batchGenerateContent"] = CallKind.Batch,
        ["asyncBatchEmbedContent"] = CallKind.Batch,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, CallKind> ByCollection = new Dictionary<string, CallKind>
    {
        ["batches"] = CallKind.Batch,
        ["cachedContents"] = CallKind.Cache,
        ["files"] = CallKind.File,
        ["fileSearchStores"] = CallKind.File,
        ["interactions"] = CallKind.Interaction,
    }.ToFrozenDictionary();

    // Actions that these collections are known to take with an API key.
    private static readonly FrozenSet<string> KnownActions =
        FrozenSet.Create("", "cancel", "download", "importFile", "uploadToFileSearchStore", "updateGenerateContentBatch", "updateEmbedContentBatch");

    private static readonly FrozenDictionary<string, CallKind> ByOpenAiRoute = new Dictionary<string, CallKind>
    {
        ["chat"] = CallKind.OpenAi,
        ["embeddings"] = CallKind.OpenAi,
        ["images"] = CallKind.Media,
        ["videos"] = CallKind.Media,
        ["batches"] = CallKind.Batch,
        ["files"] = CallKind.File,
    }.ToFrozenDictionary();

    /// <param name="resource">What follows the version, as <c>models/m</c> or <c>files/abc</c>, without the action.</param>
    /// <param name="action">What follows the last colon, or "".</param>
    public static CallKind Of(string resource, string action)
    {
        var collection = First(resource);
        if (collection is "models")
        {
            return action.Length > 0 ? ByModelAction.GetValueOrDefault(action, CallKind.Other)
                : resource.Contains("/operations/", StringComparison.Ordinal) ? CallKind.Media
                : CallKind.Other;
        }

        return KnownActions.Contains(action) && ByCollection.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(collection, out var kind)
            ? kind
            : CallKind.Other;
    }

    /// <param name="route">What follows <c>openai/</c>.</param>
    public static CallKind OfOpenAi(string route) =>
        ByOpenAiRoute.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(First(route), out var kind) ? kind : CallKind.Other;

    private static ReadOnlySpan<char> First(string path)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? path : path.AsSpan(0, slash);
    }
}
