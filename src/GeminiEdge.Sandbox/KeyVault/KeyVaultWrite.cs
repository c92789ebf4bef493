namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>A change a client asked for: about to happen, or just happened.</summary>
/// <param name="Request">The request.</param>
/// <param name="Number">How many writes of clients have been applied, this one included; 0 before it happens.</param>
/// <param name="Result">The version it made or changed; null before it happens, and for a purge.</param>
public sealed record KeyVaultWrite(KeyVaultRequest Request, int Number, SecretVersion? Result);
