namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>The ways to fail, without their numbers.</summary>
internal enum KeyVaultFaultKind
{
    None,
    Outage,
    Unavailable,
    Throttled,
    Forbidden,
    Slow,
}
