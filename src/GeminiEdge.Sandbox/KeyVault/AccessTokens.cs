using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>The tokens issued and the roles of their principals; a changed role counts for the tokens already issued.</summary>
internal sealed class AccessTokens(KeyVaultSandboxOptions options)
{
    public const string Tenant = "5a4dbd0c-0000-4000-8000-000000000001";
    public const string VaultResource = "https://vault.azure.net";

    private readonly ConcurrentDictionary<string, AccessToken> _tokens = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, KeyVaultRole> _roles = new(StringComparer.OrdinalIgnoreCase);

    public AccessToken Issue(string principal, string audience)
    {
        var now = options.TimeProvider.GetUtcNow();
        var end = now + options.TokenLifetime;

        // The vault knows its own; another service only has what the token itself says.
        var value = audience == VaultResource ? RandomNumberGenerator.GetHexString(64, lowercase: true) : JsonWebToken.Of(principal, audience, now, end);
        var token = new AccessToken(value, principal, audience, end);
        _tokens[token.Value] = token;
        return token;
    }

    public void SetRole(string principal, KeyVaultRole role) => _roles[principal] = role;

    public bool Knows(string principal) => _roles.ContainsKey(principal);

    /// <summary>Every token of the principal is refused from now on.</summary>
    public void Revoke(string principal)
    {
        foreach (var token in _tokens.Values.Where(token => string.Equals(token.Principal, principal, StringComparison.OrdinalIgnoreCase)))
        {
            _tokens.TryRemove(token.Value, out _);
        }
    }

    /// <summary>Null and the error of a missing, unknown, expired or foreign token.</summary>
    public string? Authenticate(string? header, out KeyVaultError? error)
    {
        error = null;
        if (header is null || !header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            error = KeyVaultErrors.NoToken();
        }
        else if (!_tokens.TryGetValue(header["Bearer ".Length..], out var token) || token.ExpiresOn <= options.TimeProvider.GetUtcNow())
        {
            error = KeyVaultErrors.InvalidToken();
        }
        else if (token.Audience != VaultResource)
        {
            error = KeyVaultErrors.WrongAudience(token.Audience);
        }
        else
        {
            return token.Principal;
        }

        return null;
    }

    public bool Allows(string principal, KeyVaultOperation operation) => _roles.GetValueOrDefault(principal) switch
    {
        KeyVaultRole.SecretsOfficer => true,
        KeyVaultRole.SecretsUser => operation == KeyVaultOperation.Get || IsMetadata(operation),
        KeyVaultRole.Reader => IsMetadata(operation),
        _ => false,
    };

    private static bool IsMetadata(KeyVaultOperation operation) => operation is KeyVaultOperation.List or KeyVaultOperation.ListVersions
        or KeyVaultOperation.ListDeleted or KeyVaultOperation.GetDeleted;
}
