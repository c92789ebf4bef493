using System.Collections.Frozen;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Reads a native request's path into a <see cref="GeminiCall"/>.</summary>
internal static class GeminiCallReader
{
    private static readonly FrozenSet<string> HarmlessActions =
        FrozenSet.Create("generateContent", "streamGenerateContent", "countTokens", "embedContent", "batchEmbedContents");

    private static readonly FrozenSet<string> HarmlessOpenAiRoutes = FrozenSet.Create("chat/completions", "embeddings");

    private static readonly FrozenSet<string> BoundCollections = FrozenSet.Create(
        "files", "cachedContents", "batches", "operations", "interactions", "fileSearchStores", "corpora", "tunedModels");

    private static readonly FrozenSet<string> BoundActions =
        FrozenSet.Create("batchGenerateContent", "asyncBatchEmbedContent", "predictLongRunning");

    /// <param name="verb">The HTTP method.</param>
    /// <param name="path">The raw path, which begins with a version, or with <c>/upload/</c> or <c>/download/</c> and a version.</param>
    /// <param name="query">The raw query.</param>
    /// <param name="uploadCommand">The header X-Goog-Upload-Command, or "".</param>
    public static GeminiCall Read(string verb, string path, string query, string uploadCommand)
    {
        var upload = path.StartsWith(NativePath.Upload, StringComparison.Ordinal);
        var download = path.StartsWith(NativePath.Download, StringComparison.Ordinal);
        var afterVersion = AfterVersion(path.AsSpan(upload ? "/upload".Length : download ? "/download".Length : 0));
        var colon = afterVersion.LastIndexOf(':');
        var action = colon > afterVersion.LastIndexOf('/') ? afterVersion[(colon + 1)..].ToString() : "";
        var resource = action.Length > 0 ? afterVersion[..colon] : afterVersion;
        if (resource.StartsWith("openai/", StringComparison.Ordinal))
        {
            return OpenAi(verb, afterVersion["openai/".Length..].ToString());
        }

        var reads = Reads(verb);
        var harmless = IsPost(verb) && HarmlessActions.Contains(action);
        var bound = upload || download || BoundActions.Contains(action) || IsBound(resource);
        return new GeminiCall
        {
            Method = LogName.Shorten(action.Length > 0 ? action : Name(verb, resource)),
            Kind = CallKindReader.Of(resource, action),
            Model = LogName.Shorten(Model(resource)),
            Replayable = reads || harmless,
            MustAnswer = harmless,
            Streams = action == "streamGenerateContent",
            ProjectBound = bound,
            Resource = IsBound(resource) ? ResourceName.FromPath(resource.ToString()) : null,
            Upload = upload ? Phase(query, uploadCommand) : UploadPhase.None,
            IsFile = download || (reads && (action == "download" || CredentialQuery.Value(query, "alt") == "media")),
        };
    }

    private static GeminiCall OpenAi(string verb, string route)
    {
        var harmless = IsPost(verb) && HarmlessOpenAiRoutes.Contains(route);
        return new GeminiCall
        {
            Method = LogName.Shorten("openai." + route.Replace('/', '.')),
            Kind = CallKindReader.OfOpenAi(route),
            Replayable = harmless || Reads(verb),
            MustAnswer = harmless,
            OpenAi = true,
            ProjectBound = route.StartsWith("files", StringComparison.Ordinal) || route.StartsWith("batches", StringComparison.Ordinal),
            IsFile = Reads(verb) && route.StartsWith("files/", StringComparison.Ordinal) && route.EndsWith("/content", StringComparison.Ordinal),
        };
    }

    private static bool Reads(string verb) => Is(verb, "GET") || Is(verb, "HEAD");

    private static bool IsPost(string verb) => Is(verb, "POST");

    private static bool Is(string verb, string name) => name.Equals(verb, StringComparison.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> AfterVersion(ReadOnlySpan<char> path)
    {
        var version = path[1..];
        return version.IndexOf('/') is >= 0 and var slash ? version[(slash + 1)..] : default;
    }

    private static bool IsBound(ReadOnlySpan<char> resource)
    {
        foreach (var range in resource.Split('/'))
        {
            if (BoundCollections.GetAlternateLookup<ReadOnlySpan<char>>().Contains(resource[range]))
            {
                return true;
            }
        }

        return false;
    }

    private static string Model(ReadOnlySpan<char> resource)
    {
        if (!resource.StartsWith("models/", StringComparison.Ordinal))
        {
            return "";
        }

        var model = resource["models/".Length..];
        return (model.IndexOf('/') is >= 0 and var end ? model[..end] : model).ToString();
    }

    private static string Name(string verb, ReadOnlySpan<char> resource)
    {
        var slash = resource.IndexOf('/');
        var collection = slash < 0 ? resource : resource[..slash];
        return $"{collection}." + verb.ToUpperInvariant() switch
        {
            "GET" or "HEAD" when slash < 0 => "list",
            "GET" or "HEAD" => "get",
            "POST" => "create",
            var other => other.ToLowerInvariant(),
        };
    }

    private static UploadPhase Phase(string query, string uploadCommand)
    {
        if (CredentialQuery.Value(query, "upload_id") is not null || CredentialQuery.Value(query, CredentialQuery.KeyIdParameter) is not null)
        {
            return UploadPhase.Continue;
        }

        return uploadCommand.Trim().Equals("start", StringComparison.OrdinalIgnoreCase)
            || "resumable".Equals(CredentialQuery.Value(query, "uploadType"), StringComparison.OrdinalIgnoreCase)
            ? UploadPhase.Start
            : UploadPhase.Whole;
    }
}
