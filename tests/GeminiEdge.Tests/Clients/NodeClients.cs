using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Clients;

/// <summary>Runs the SDKs of Node.js, with its packages installed as the lock file says.</summary>
internal static class NodeClients
{
    private static readonly NodePackages Packages = new("Clients");

    /// <summary>Lets each SDK do all it can, against an edge.</summary>
    public static Task<(int ExitCode, string Output)> RunAsync(Uri edge, string key) =>
        Packages.RunAsync("clients.mjs", ("GEMINI_EDGE_URL", edge.ToString()), ("GEMINI_EDGE_KEY", key));

    /// <summary>Lets each SDK retry by itself against a server that refuses everything.</summary>
    public static Task<(int ExitCode, string Output)> RetryAsync(Uri server) =>
        Packages.RunAsync("retries.mjs", ("GEMINI_RETRIES_URL", server.ToString()));
}
