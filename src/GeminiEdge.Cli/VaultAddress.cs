namespace GeminiEdge.Cli;

/// <summary>Which vault a command is about.</summary>
internal static class VaultAddress
{
    /// <returns>The address, or what is wrong with it; never quotes it.</returns>
    public static (Uri? Vault, string? Problem) Read(string? option, World world)
    {
        var text = option ?? world.Variable("GEMINI_KEYVAULT_URI");
        if (string.IsNullOrWhiteSpace(text))
        {
            return (null, "No vault is named: use --vault https://NAME.vault.azure.net/, or set GEMINI_KEYVAULT_URI.");
        }

        return Uri.TryCreate(text.Trim(), UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps
            && uri is { UserInfo: "", PathAndQuery: "/", Fragment: "" }
            ? (uri, null)
            : (null, $"{(option is null ? "The setting GEMINI_KEYVAULT_URI" : "The option --vault")} is the vault's address, https://NAME.vault.azure.net/.");
    }
}
