using Azure.Core;
using Azure.Identity;

namespace GeminiEdge.Configuration;

/// <summary>Chooses who the app is to Azure: one identity for the key vault and the fleet register.</summary>
internal static class AzureCredential
{
    // In Azure the identity endpoint is there, and then nothing else is asked. Elsewhere a developer's `az login` does.
    public static TokenCredential Choose(EdgeSettings settings) =>
        Environment.GetEnvironmentVariable("IDENTITY_ENDPOINT") is { Length: > 0 }
            ? new ManagedIdentityCredential(settings.ClientId is { } id ? ManagedIdentityId.FromUserAssignedClientId(id) : ManagedIdentityId.SystemAssigned)
            : new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = settings.ClientId });
}
