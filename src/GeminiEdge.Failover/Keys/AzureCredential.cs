using Azure.Core;
using Azure.Identity;

namespace GeminiEdge.Failover.Keys;

/// <summary>Chooses who the app is to Azure: one identity for the key vault and the fleet register.</summary>
internal static class AzureCredential
{
    // In Azure the identity endpoint is there, and then nothing else is asked. Elsewhere a developer's `az login` does.
    /// <param name="clientId">The user-assigned managed identity; null for the system-assigned one.</param>
    public static TokenCredential Choose(string? clientId) =>
        Environment.GetEnvironmentVariable("IDENTITY_ENDPOINT") is { Length: > 0 }
            ? new ManagedIdentityCredential(clientId is null ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(clientId))
            : new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = clientId });
}
