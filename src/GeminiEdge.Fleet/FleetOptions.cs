using System.Text.RegularExpressions;
using GeminiEdge.Failover.Settings;

namespace GeminiEdge.Fleet;

/// <summary>Where the fleet register is, and which of its rows is this instance's.</summary>
/// <param name="Endpoint">The storage account's tables.</param>
/// <param name="App">The app's name: the row's partition.</param>
/// <param name="Instance">The instance's name: the row's key.</param>
/// <param name="Region">Where it runs; "" when nobody says.</param>
internal sealed partial record FleetOptions(Uri Endpoint, string App, string Instance, string Region)
{
    private const int MaximumLength = 128;

    /// <summary>Reads where it is, and what Azure tells an app about itself; elsewhere it is this process on this machine.</summary>
    /// <returns>Null when no register is named.</returns>
    public static FleetOptions? Read(SettingReader settings)
    {
        const string Expected =
            "is the https:// address of a storage account's tables (http:// for this machine alone), as https://my-account.table.core.windows.net/";
        return settings.Origin("GEMINI_EDGE_FLEET", PlainHttp.Loopback, Expected) is { } endpoint
            ? new FleetOptions(
                new Uri(endpoint),
                Clean(settings.Text("WEBSITE_SITE_NAME") ?? "local"),
                InstanceOf(settings),
                settings.Text("REGION_NAME") ?? "")
            : null;
    }

    /// <summary>What Azure calls this instance; elsewhere this process on this machine.</summary>
    public static string InstanceOf(SettingReader settings) => Clean(
        settings.Text("WEBSITE_INSTANCE_ID") ?? settings.Text("CONTAINER_NAME") ?? settings.Text("WEBSITE_POD_NAME") ?? $"{Environment.MachineName}-{Environment.ProcessId}");

    // A row's keys may not hold / \ # ? or control characters, and a quote or a percent sign has a meaning in its address.
    private static string Clean(string name)
    {
        var safe = Unsafe().Replace(name, "-");
        return safe.Length > MaximumLength ? safe[^MaximumLength..] : safe;
    }

    [GeneratedRegex("[^A-Za-z0-9._-]", RegexOptions.CultureInvariant)]
    private static partial Regex Unsafe();
}
