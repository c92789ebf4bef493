using Azure.Core;
using Azure.Security.KeyVault.Secrets;

namespace GeminiEdge.Failover.Keys;

/// <summary>Makes the client that reads the key vault.</summary>
internal static class VaultClient
{
    public static SecretClient Create(Uri vault, TokenCredential credential) => new(vault, credential, new SecretClientOptions
    {
        // The refresh has a rhythm of its own; a retry within it would only make requests wait longer.
        Retry = { MaxRetries = 0, NetworkTimeout = VaultKeySource.Patience },
        Diagnostics = { IsDistributedTracingEnabled = false, IsLoggingEnabled = false, IsTelemetryEnabled = false },
    });
}
