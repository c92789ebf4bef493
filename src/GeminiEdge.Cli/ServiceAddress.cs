namespace GeminiEdge.Cli;

/// <summary>Where the services beside the vault are, or the simulators that stand in for them.</summary>
internal static class ServiceAddress
{
    public static (Uri? Address, string? Problem) ApiKeys(World world) => Read(world, "GEMINI_EDGE_APIKEYS_URL", "https://apikeys.googleapis.com/");

    public static (Uri? Address, string? Problem) AzureManagement(World world) => Read(world, "GEMINI_EDGE_MANAGEMENT_URL", "https://management.azure.com/");

    /// <returns>The address, or what is wrong with it; never quotes it.</returns>
    private static (Uri? Address, string? Problem) Read(World world, string setting, string usual)
    {
        var text = world.Variable(setting);
        if (string.IsNullOrWhiteSpace(text))
        {
            return (new Uri(usual), null);
        }

        // An access token goes there: in the clear only within this machine.
        return Uri.TryCreate(text.Trim(), UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
            && uri is { UserInfo: "", PathAndQuery: "/", Fragment: "" }
                ? (uri, null)
                : (null, $"The setting {setting} is an https address without a path, or http on this machine.");
    }
}
