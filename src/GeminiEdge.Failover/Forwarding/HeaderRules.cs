using System.Collections.Frozen;
using System.Collections.Immutable;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Which headers pass: to the upstream only the known good ones, to the caller all but the connection's and the edge's own.</summary>
internal static class HeaderRules
{
    private static readonly FrozenSet<string> ToUpstream = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Accept", "Accept-Language", "User-Agent", "Range", "x-goog-api-client", "x-goog-fieldmask", "x-server-timeout", "api-revision");

    private static readonly FrozenSet<string> NotToCaller = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "Set-Cookie", "Alt-Svc", "Strict-Transport-Security", "Server", "Date", "x-request-id",
        "x-gemini-edge-key-id", "x-gemini-edge-attempts");

    /// <summary>The headers of a request's content that go to the upstream with it.</summary>
    public static readonly ImmutableArray<string> OfContent = ["Content-Type", "Content-Encoding"];

    /// <summary>Whether a header of an answer goes to the caller.</summary>
    public static bool PassBack(string name) => !NotToCaller.Contains(name);

    /// <summary>Whether a header of a request goes to the upstream.</summary>
    public static bool Pass(string name) =>
        ToUpstream.Contains(name)
        || name.StartsWith("If-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("openai-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("x-goog-upload-", StringComparison.OrdinalIgnoreCase);
}
