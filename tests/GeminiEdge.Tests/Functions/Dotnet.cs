using System.Diagnostics;

namespace GeminiEdge.Tests.Functions;

/// <summary>A `dotnet` that a test starts.</summary>
internal static class Dotnet
{
    /// <summary>What it finds in its environment.</summary>
    public static IReadOnlyDictionary<string, string> Variables { get; } = new Dictionary<string, string>
    {
        // What the analyzers say of these sources was said when the tests were built.
        ["RunAnalyzers"] = "false",

        // The compiler that the build of the tests has left behind; it has an output of its own.
        ["UseSharedCompilation"] = "true",

        // A node that is left behind would keep this run's output open.
        ["MSBUILDDISABLENODEREUSE"] = "1",
    };

    /// <summary>Gives it these, and nothing that this run's own `dotnet test` or a developer's shell may have set.</summary>
    public static void Prepare(ProcessStartInfo start)
    {
        foreach (var name in start.Environment.Keys.Where(IsOwn).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in Variables)
        {
            start.Environment[name] = value;
        }
    }

    /// <summary>Runs it to its end, which has to be a good one.</summary>
    /// <returns>What it said.</returns>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true };
        Prepare(start);
        using var dotnet = Process.Start(start)!;
        var output = await dotnet.StandardOutput.ReadToEndAsync();
        await dotnet.WaitForExitAsync();
        Assert.True(dotnet.ExitCode == 0, output);
        return output;
    }

    private static bool IsOwn(string name) =>
        name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("GEMINI", StringComparison.OrdinalIgnoreCase);
}
