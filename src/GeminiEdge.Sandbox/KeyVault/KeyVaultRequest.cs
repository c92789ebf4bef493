namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>A request as the vault received it; it holds no value of a secret.</summary>
public sealed class KeyVaultRequest
{
    internal KeyVaultRequest(KeyVaultRoute route, string? apiVersion, string? principal, DateTimeOffset time) =>
        (Operation, SecretName, Version, ApiVersion, Principal, Time) = (route.Operation, route.Name, route.Version, apiVersion, principal, time);

    /// <summary>What it asks for.</summary>
    public KeyVaultOperation Operation { get; }

    /// <summary>The secret; null for a list of all.</summary>
    public string? SecretName { get; }

    /// <summary>The version named in the path; null means the newest.</summary>
    public string? Version { get; }

    /// <summary>The protocol version the client speaks.</summary>
    public string? ApiVersion { get; }

    /// <summary>Whose token it carried; null when none or no valid one, as in the first request of a client.</summary>
    public string? Principal { get; }

    /// <summary>When it came.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The answer's status; 0 while there is none, and for a connection that was reset.</summary>
    public int Status { get; internal set; }

    /// <summary>Whether it asks for a change.</summary>
    public bool IsWrite => Operation is KeyVaultOperation.Set or KeyVaultOperation.Update or KeyVaultOperation.Delete
        or KeyVaultOperation.Recover or KeyVaultOperation.Purge;

    /// <inheritdoc/>
    public override string ToString() => $"{Operation} {SecretName}/{Version} by {Principal ?? "nobody"}: {Status}";
}
