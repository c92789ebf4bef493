using System.Collections.Frozen;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Which headers pass: to the upstream only the known good ones, to the caller all but the connection's and the edge's own.</summary>
internal static class HeaderRules
{
    /// <summary>Tells a caller which model has answered.</summary>
    public const string ModelHeader = "x-gemini-edge-model";

    /// <summary>Tells a caller which version of it that was, as the upstream names it.</summary>
    public const string ModelVersionHeader = "x-gemini-edge-model-version";

    private const string Upload = "x-goog-upload-";
    private const string UploadHeader = "x-goog-upload-header-";

    private static readonly FrozenSet<string> ToUpstream = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Accept", "Accept-Language", "User-Agent", "Range", "x-goog-api-client", "x-goog-fieldmask", "x-server-timeout", "api-revision");

    private static readonly FrozenSet<string> NotToCaller = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "Set-Cookie", "Alt-Svc", "Strict-Transport-Security", "Server", "Date", "x-request-id",
        "x-gemini-edge-key-id", "x-gemini-edge-attempts", ModelHeader, ModelVersionHeader,

        // Whoever follows an address of the upstream's sends it the key that is for the edge; an upload's is rewritten.
        "Location", "x-goog-upload-url", "x-goog-upload-control-url");

    private static readonly string[] OfAnyContent = ["Content-Type", "Content-Encoding"];

    // The older protocol says with it where a piece of an upload belongs.
    private static readonly string[] OfUpload = ["Content-Type", "Content-Encoding", "Content-Range"];

    /// <summary>Whether a header is one of the edge's own.</summary>
    public static bool IsOfEdge(string name) =>
        name.StartsWith("x-gemini-edge-", StringComparison.OrdinalIgnoreCase) || name.Equals("x-request-id", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a header of an answer goes to the caller.</summary>
    public static bool PassBack(string name) => !NotToCaller.Contains(name);

    /// <summary>Which headers of a request's body go to the upstream with it.</summary>
    public static string[] OfContent(GeminiCall call) => call.Upload == UploadPhase.None ? OfAnyContent : OfUpload;

    /// <summary>Whether a header of a request goes to the upstream.</summary>
    public static bool Pass(string name) =>
        PassAlone(name)
        || name.StartsWith("X-Upload-Content-", StringComparison.OrdinalIgnoreCase)
        || (name.StartsWith(Upload, StringComparison.OrdinalIgnoreCase)
            && (!name.StartsWith(UploadHeader, StringComparison.OrdinalIgnoreCase) || PassForTheFile(name[UploadHeader.Length..])));

    private static bool PassAlone(string name) =>
        ToUpstream.Contains(name)
        || name.StartsWith("If-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("openai-", StringComparison.OrdinalIgnoreCase);

    // The upstream takes what stands behind the prefix for a header of the file's own request: an Authorization is one there too.
    private static bool PassForTheFile(string name) => PassAlone(name) || name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase);
}
