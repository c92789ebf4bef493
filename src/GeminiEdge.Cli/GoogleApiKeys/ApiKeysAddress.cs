namespace GeminiEdge.Cli.GoogleApiKeys;

/// <summary>Where Google's API Keys API is.</summary>
internal static class ApiKeysAddress
{
    private const string Setting = "GEMINI_EDGE_APIKEYS_URL";
    private static readonly Uri Google = new("https://apikeys.googleapis.com/");

    /// <returns>The address, or what is wrong with it; never quotes it.</returns>
    public static (Uri? Address, string? Problem) Read()
    {
        var text = Environment.GetEnvironmentVariable(Setting);
        if (string.IsNullOrWhiteSpace(text))
        {
            return (Google, null);
        }

        // An access token goes there: in the clear only within this machine.
        return Uri.TryCreate(text.Trim(), UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
            && uri is { UserInfo: "", PathAndQuery: "/", Fragment: "" }
                ? (uri, null)
                : (null, $"The setting {Setting} is an https address without a path, or http on this machine.");
    }
}
