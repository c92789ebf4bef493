namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>A token as Entra ID would issue it; the one for the vault is opaque.</summary>
internal sealed record AccessToken(string Value, string Principal, string Audience, DateTimeOffset ExpiresOn)
{
    /// <inheritdoc/>
    public override string ToString() => $"token of {Principal}";
}
