using System.Diagnostics;

namespace GeminiEdge.Tests.Functions.Func;

/// <summary>The environment of a `dotnet` that a test starts.</summary>
internal static class Dotnet
{
    /// <summary>A build server left behind would keep this run's output open; what analyzers say was said when the tests were built.</summary>
    public static void Prepare(ProcessStartInfo start)
    {
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        start.Environment["RunAnalyzers"] = "false";
    }
}
