using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace GeminiEdge.Sandbox.GoogleApiKeys;

/// <summary>Who can sign in, and the access tokens they got.</summary>
internal sealed class GoogleTokens(GoogleApiKeysOptions options)
{
    private readonly ConcurrentDictionary<string, (string Principal, DateTimeOffset ExpiresOn)> _tokens = new(StringComparer.Ordinal);

    /// <summary>The principals by their refresh token.</summary>
    public ConcurrentDictionary<string, string> Users { get; } = new(StringComparer.Ordinal);

    /// <summary>What verifies the signatures of service accounts, and the project each is of.</summary>
    public ConcurrentDictionary<string, (RSA Key, string Project)> ServiceAccounts { get; } = new(StringComparer.Ordinal);

    public string Issue(string principal)
    {
        var token = "ya29." + RandomNumberGenerator.GetHexString(64, lowercase: true);
        _tokens[token] = (principal, options.TimeProvider.GetUtcNow() + options.TokenLifetime);
        return token;
    }

    public string? PrincipalOf(string? authorization) =>
        authorization?.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) == true
        && _tokens.TryGetValue(authorization["Bearer ".Length..], out var token)
        && token.ExpiresOn > options.TimeProvider.GetUtcNow()
            ? token.Principal
            : null;
}
