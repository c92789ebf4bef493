using GeminiEdge.Failover.Settings;

namespace GeminiEdge.Failover.Keys;

/// <summary>Where the keys come from, and how often they are read.</summary>
internal sealed record KeyOptions
{
    /// <summary>The key vault that holds the keys, if there is one.</summary>
    public Uri? VaultUri { get; init; }

    /// <summary>How often the key vault is read while requests come; a rotation reaches an instance within 1.3 times this. The default is 30 s.</summary>
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromSeconds(30);

    public static KeyOptions Read(SettingReader settings)
    {
        var defaults = new KeyOptions();
        return new KeyOptions { VaultUri = Vault(settings), RefreshInterval = settings.Duration(nameof(RefreshInterval), defaults.RefreshInterval) };
    }

    private static Uri? Vault(SettingReader settings)
    {
        const string Name = "GEMINI_KEYVAULT_URI";
        const string Expected = "is the address of a key vault, as https://my-vault.vault.azure.net/";
        if (settings.Origin(Name, PlainHttp.Nowhere, Expected) is not { } address)
        {
            return null;
        }

        var uri = new Uri(address);
        if (uri.AbsolutePath == "/")
        {
            return uri;
        }

        settings.Refuse($"The setting {Name} {Expected}.");
        return null;
    }
}
