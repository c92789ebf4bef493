using System.Collections.Frozen;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// Takes out of a query what the upstream must not see: credentials, Google's system parameters that change who or what a
/// request is, and the edge's own parameters.
/// </summary>
internal static class CredentialQuery
{
    /// <summary>Names the key that began an upload, in the upload URLs the edge hands out.</summary>
    public const string KeyIdParameter = "gemini_edge_key_id";

    /// <summary>Until when such a URL lets the upload in, in seconds since 1970.</summary>
    public const string ExpiryParameter = "gemini_edge_expires";

    /// <summary>Proves that the edge handed it out.</summary>
    public const string SignatureParameter = "gemini_edge_signature";

    private static readonly FrozenSet<string> Credentials = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "key", "code", "access_token", "accessToken", "oauth_token", "oauthToken", "bearer_token", "bearerToken");

    private static readonly FrozenSet<string> NotToUpstream = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        [
            .. Credentials, "callback", "httpMethod", "http_method", "httpHeaders", "http_headers", "userProject", "user_project", "quotaUser", "quota_user",
            KeyIdParameter, ExpiryParameter, SignatureParameter,
        ]);

    /// <summary>The query without them, every other byte as it was.</summary>
    /// <param name="query">Empty, or with its question mark.</param>
    public static string Strip(string query) => Without(NotToUpstream, query);

    /// <summary>The query without what a client presents to be let in, every other byte as it was.</summary>
    public static string StripCredentials(string query) => Without(Credentials, query);

    /// <summary>The unescaped value of a parameter, if it is there.</summary>
    public static string? Value(string query, string name) =>
        query.Length < 2 ? null : query[1..].Split('&')
            .Where(parameter => Name(parameter).Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(parameter => Uri.UnescapeDataString(parameter[(parameter.IndexOf('=', StringComparison.Ordinal) + 1)..]))
            .FirstOrDefault();

    private static string Without(FrozenSet<string> names, string query)
    {
        if (query.Length < 2)
        {
            return query;
        }

        var parameters = query[1..].Split('&');
        var kept = parameters.Where(parameter => !names.Contains(Name(parameter))).ToArray();
        return kept.Length == parameters.Length ? query : kept.Length == 0 ? "" : "?" + string.Join('&', kept);
    }

    // Google's system parameters may have a dollar sign before their name.
    private static string Name(string parameter)
    {
        var equals = parameter.IndexOf('=', StringComparison.Ordinal);
        return Uri.UnescapeDataString((equals < 0 ? parameter : parameter[..equals]).Replace('+', ' ')).Trim().TrimStart(['$', ' ']);
    }
}
