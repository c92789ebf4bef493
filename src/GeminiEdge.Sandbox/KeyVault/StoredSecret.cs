namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>A secret with its versions in the order they were written. Guarded by the lock of its store.</summary>
internal sealed class StoredSecret(string name)
{
    public string Name => name;

    public List<SecretVersion> Versions { get; } = [];

    public SecretVersion Latest => Versions[^1];

    public DateTimeOffset? DeletedOn { get; set; }

    public int IndexOf(string? version) => version is null
        ? Versions.Count - 1
        : Versions.FindIndex(candidate => string.Equals(candidate.Version, version, StringComparison.OrdinalIgnoreCase));
}
