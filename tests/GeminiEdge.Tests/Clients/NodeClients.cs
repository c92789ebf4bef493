using System.ComponentModel;
using System.Diagnostics;
using GeminiEdge.Tests.Functions;

namespace GeminiEdge.Tests.Clients;

/// <summary>Runs <c>clients.mjs</c>, with its packages installed as the lock file says.</summary>
internal static class NodeClients
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly string Folder = Repository.PathOf("tests", "GeminiEdge.Tests", "Clients");
    private static readonly Lazy<Task> Installed = new(InstallAsync);

    public static async Task<(int ExitCode, string Output)> RunAsync(Uri edge, string key)
    {
        await Installed.Value;
        return await RunAsync("node", ["clients.mjs"], ("GEMINI_EDGE_URL", edge.ToString()), ("GEMINI_EDGE_KEY", key));
    }

    private static async Task InstallAsync()
    {
        // npm writes this file last, so an installation that broke off is begun again.
        var installed = new FileInfo(Path.Combine(Folder, "node_modules", ".package-lock.json"));
        if (installed.Exists && installed.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json")))
        {
            return;
        }

        var (exitCode, output) = await RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        Assert.True(exitCode == 0, $"npm ci failed with {exitCode}:\n{output}");
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Start(start);
        using var patience = new CancellationTokenSource(Longest);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"The SDK tests need Node.js 20 or later: '{start.FileName}' could not be started ({e.Message}). Install it, or put it on the PATH.", e);
        }
    }
}
