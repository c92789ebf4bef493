using System.Collections.Frozen;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Takes out of a query what the upstream must not see: credentials, and the edge's own parameter.</summary>
internal static class CredentialQuery
{
    /// <summary>Names the key that began an upload, in the upload URLs the edge hands out.</summary>
    public const string KeyIdParameter = "gemini_edge_key_id";

    // Google's system parameters take a dollar sign before their name as well.
    private static readonly FrozenSet<string> Names = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "key", "$key", "code", "access_token", "$access_token", "oauth_token", "$oauth_token", "bearer_token", "$bearer_token", KeyIdParameter);

    /// <summary>The query without them, every other byte as it was.</summary>
    /// <param name="query">Empty, or with its question mark.</param>
    public static string Strip(string query)
    {
        if (query.Length < 2)
        {
            return query;
        }

        var parameters = query[1..].Split('&');
        var kept = parameters.Where(parameter => !Names.Contains(Name(parameter))).ToArray();
        return kept.Length == parameters.Length ? query : kept.Length == 0 ? "" : "?" + string.Join('&', kept);
    }

    /// <summary>The unescaped value of a parameter, if it is there.</summary>
    public static string? Value(string query, string name) =>
        query.Length < 2 ? null : query[1..].Split('&')
            .Where(parameter => Name(parameter).Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(parameter => Uri.UnescapeDataString(parameter[(parameter.IndexOf('=', StringComparison.Ordinal) + 1)..]))
            .FirstOrDefault();

    private static string Name(string parameter)
    {
        var equals = parameter.IndexOf('=', StringComparison.Ordinal);
        return Uri.UnescapeDataString((equals < 0 ? parameter : parameter[..equals]).Replace('+', ' ')).Trim();
    }
}
