using Azure.Core;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using GeminiEdge.Configuration;

namespace GeminiEdge.Keys;

/// <summary>Makes the client that reads the key vault.</summary>
internal static class VaultClient
{
    public static SecretClient Create(EdgeSettings settings) => new(settings.VaultUri, Credential(settings), new SecretClientOptions
    {
        // The refresh has a rhythm of its own; a retry within it would only make requests wait longer.
        Retry = { MaxRetries = 0, NetworkTimeout = VaultKeySource.Patience },
        Diagnostics = { IsDistributedTracingEnabled = false, IsLoggingEnabled = false, IsTelemetryEnabled = false },
    });

    // In Azure the identity endpoint is there, and then nothing else is asked. Elsewhere a developer's `az login` does.
    private static TokenCredential Credential(EdgeSettings settings) =>
        Environment.GetEnvironmentVariable("IDENTITY_ENDPOINT") is { Length: > 0 }
            ? new ManagedIdentityCredential(settings.ClientId is { } id ? ManagedIdentityId.FromUserAssignedClientId(id) : ManagedIdentityId.SystemAssigned)
            : new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = settings.ClientId });
}
