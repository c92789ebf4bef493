using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Clients;

/// <summary>Runs <c>clients.mjs</c>, with its packages installed as the lock file says.</summary>
internal static class NodeClients
{
    private static readonly NodePackages Packages = new("Clients");

    public static Task<(int ExitCode, string Output)> RunAsync(Uri edge, string key) =>
        Packages.RunAsync("clients.mjs", ("GEMINI_EDGE_URL", edge.ToString()), ("GEMINI_EDGE_KEY", key));
}
