using System.Diagnostics;

namespace GeminiEdge.Tests.Support;

/// <summary>A program that was run to its end.</summary>
internal sealed record ProgramRun(int ExitCode, string Output, string Errors)
{
    /// <summary>Runs it, with nothing of the test's own environment that the edge or an SDK would read.</summary>
    public static async Task<ProgramRun> RunAsync(string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(IsRead).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience.Limit);
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            await process.WaitForExitAsync(patience.Token);
            return new ProgramRun(process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static bool IsRead(string name) => Array.Exists(["GEMINI", "GOOGLE_", "OPENAI_", "ASPNETCORE_", "FUNCTIONS_", "MSBUILD"], prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
