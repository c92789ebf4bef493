using System.Collections.Frozen;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Which of a caller's headers pass to the upstream: only the known good ones.</summary>
internal static class HeaderRules
{
    private static readonly FrozenSet<string> ToUpstream = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Accept", "Accept-Language", "User-Agent", "Range", "x-goog-api-client", "x-goog-fieldmask", "x-server-timeout", "api-revision");

    public static bool Pass(string name) =>
        ToUpstream.Contains(name)
        || name.StartsWith("If-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("openai-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("x-goog-upload-", StringComparison.OrdinalIgnoreCase);
}
