namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>How a <see cref="KeyVaultSandbox"/> answers.</summary>
public sealed class KeyVaultSandboxOptions
{
    /// <summary>The clock of versions, tokens and delays. The default is the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The vault's port on 127.0.0.1. The default is 0: any free one.</summary>
    public int Port { get; init; }

    /// <summary>Whether a deleted secret stays until its retention has passed, whoever asks to purge it. The default is true.</summary>
    public bool PurgeProtection { get; init; } = true;

    /// <summary>How long a deleted secret can be recovered. The default is 90 days.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How many items a page of a list holds at most. The default is 25, the service's own.</summary>
    public int PageSize { get; init; } = 25;

    /// <summary>How long a token is valid. The default is one day, as of a managed identity's.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The principal of the system-assigned managed identity. The default is <c>edge</c>.</summary>
    public string ManagedIdentity { get; init; } = "edge";

    /// <summary>The role of the managed identity at first. The default is <see cref="KeyVaultRole.SecretsUser"/>.</summary>
    public KeyVaultRole ManagedIdentityRole { get; init; } = KeyVaultRole.SecretsUser;

    /// <summary>
    /// Whether the vault goes by access policies instead of roles: a principal then has the rights of its role by a policy, and
    /// is refused in other words. The default is false.
    /// </summary>
    public bool UsesAccessPolicies { get; init; }

    /// <summary>How many requests <see cref="KeyVaultSandbox.Requests"/> keeps, the oldest going first. The default is 10,000.</summary>
    public int RecordedRequests { get; init; } = 10_000;
}
