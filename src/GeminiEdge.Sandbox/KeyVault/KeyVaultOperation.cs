namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>What a request asks of the vault.</summary>
public enum KeyVaultOperation
{
    /// <summary>The value of the newest or a named version.</summary>
    Get,

    /// <summary>A new version.</summary>
    Set,

    /// <summary>Other attributes or tags of a version.</summary>
    Update,

    /// <summary>The names of all secrets.</summary>
    List,

    /// <summary>The versions of a secret.</summary>
    ListVersions,

    /// <summary>A secret becomes a deleted one.</summary>
    Delete,

    /// <summary>A deleted secret, without its value.</summary>
    GetDeleted,

    /// <summary>The names of the deleted secrets.</summary>
    ListDeleted,

    /// <summary>A deleted secret becomes a secret again.</summary>
    Recover,

    /// <summary>A deleted secret goes for good.</summary>
    Purge,
}
