using System.Text.RegularExpressions;

namespace GeminiEdge.Fleet;

/// <summary>Where the fleet register is, and which of its rows is this instance's.</summary>
/// <param name="Endpoint">The storage account's tables.</param>
/// <param name="App">The app's name: the row's partition.</param>
/// <param name="Instance">The instance's name: the row's key.</param>
/// <param name="Region">Where it runs; "" when nobody says.</param>
internal sealed partial record FleetSettings(Uri Endpoint, string App, string Instance, string Region)
{
    private const int MaximumLength = 128;

    /// <summary>Reads what Azure tells an app about itself; elsewhere it is this process on this machine.</summary>
    public static FleetSettings Read(Uri endpoint, Func<string, string?> setting) => new(
        endpoint,
        Clean(setting("WEBSITE_SITE_NAME") ?? "local"),
        Clean(setting("WEBSITE_INSTANCE_ID") ?? setting("CONTAINER_NAME") ?? setting("WEBSITE_POD_NAME") ?? $"{Environment.MachineName}-{Environment.ProcessId}"),
        setting("REGION_NAME") ?? "");

    // A row's keys may not hold / \ # ? or control characters, and a quote or a percent sign has a meaning in its address.
    private static string Clean(string name)
    {
        var safe = Unsafe().Replace(name, "-");
        return safe.Length > MaximumLength ? safe[^MaximumLength..] : safe;
    }

    [GeneratedRegex("[^A-Za-z0-9._-]", RegexOptions.CultureInvariant)]
    private static partial Regex Unsafe();
}
