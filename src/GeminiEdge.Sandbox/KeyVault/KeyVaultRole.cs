namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>What a principal may do in the vault: Azure's built-in roles.</summary>
public enum KeyVaultRole
{
    /// <summary>Has a token, but no role on the vault.</summary>
    None,

    /// <summary>Key Vault Reader: lists names, versions and tags, but reads no value.</summary>
    Reader,

    /// <summary>Key Vault Secrets User: reads values and lists.</summary>
    SecretsUser,

    /// <summary>Key Vault Secrets Officer: everything with secrets.</summary>
    SecretsOfficer,
}
