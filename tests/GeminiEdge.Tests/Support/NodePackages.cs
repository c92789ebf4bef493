using System.ComponentModel;
using System.Diagnostics;
using GeminiEdge.Tests.Functions;

namespace GeminiEdge.Tests.Support;

/// <summary>A folder with a package.json, its packages installed as its lock file says when they are first needed.</summary>
internal sealed class NodePackages
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private readonly string _folder;
    private readonly Lazy<Task> _installed;

    /// <param name="name">A folder of the tests.</param>
    public NodePackages(string name)
        : this(["tests", "GeminiEdge.Tests", name])
    {
    }

    /// <param name="path">A folder of the repository.</param>
    public NodePackages(string[] path)
    {
        _folder = Repository.PathOf(path);
        _installed = new(InstallAsync);
    }

    /// <summary>Runs a program of the folder to its end.</summary>
    public async Task<(int ExitCode, string Output)> RunAsync(string script, params (string Name, string Value)[] environment)
    {
        await _installed.Value;
        return await RunAsync("node", [script], environment);
    }

    /// <summary>Starts a program of the folder that goes on.</summary>
    public async Task<Process> StartAsync(string script, params string[] arguments)
    {
        await _installed.Value;
        return Start(Info("node", [script, .. arguments]));
    }

    private async Task InstallAsync()
    {
        // npm writes this file last, so an installation that broke off is begun again.
        var installed = new FileInfo(Path.Combine(_folder, "node_modules", ".package-lock.json"));
        if (installed.Exists && installed.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(_folder, "package-lock.json")))
        {
            return;
        }

        var (exitCode, output) = await RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], []);
        Assert.True(exitCode == 0, $"npm ci failed with {exitCode}:\n{output}");
    }

    private async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments, (string Name, string Value)[] environment)
    {
        var start = Info(program, arguments);
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

    private ProcessStartInfo Info(string program, string[] arguments) =>
        new(program, arguments) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true };

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"These tests need Node.js 20 or later: '{start.FileName}' could not be started ({e.Message}). Install it, or put it on the PATH.", e);
        }
    }
}
