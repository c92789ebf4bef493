namespace GeminiEdge.Functions;

/// <summary>
/// Settings of the frameworks beneath, which an app setting may be by mistake. Nothing but the edge's own settings counts: a
/// wrong one of these (an address, a log level, a content root) would end the worker at its start, and three ends stop the host.
/// </summary>
internal static class StraySettings
{
    private static readonly string[] Beginnings = ["ASPNETCORE_", "DOTNET_ENVIRONMENT", "DOTNET_URLS", "DOTNET_CONTENTROOT", "DOTNET_KESTREL", "DOTNET_LOGGING", "Kestrel", "Logging", "AllowedHosts"];

    /// <summary>Takes them out of this process's environment, before anything reads it.</summary>
    public static void Forget()
    {
        foreach (var name in Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(IsStray))
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    private static bool IsStray(string name) => Beginnings.Any(beginning => name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase));
}
