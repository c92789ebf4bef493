using System.Diagnostics;
using GeminiEdge.Cli.Drill;

namespace GeminiEdge.Bench.Overload;

/// <summary>This program once more, in another part: it is asked with a line and answers with a line.</summary>
internal sealed class Role : IDisposable
{
    private readonly Process _process;
    private readonly ProcessEnd _end;

    private Role(Process process) => (_process, _end) = (process, new ProcessEnd(process));

    public static Role Start(ProcessPriorityClass priority, params string[] arguments)
    {
        var start = DotnetHost.Start("GeminiEdge.Bench.Overload.dll", arguments, new Dictionary<string, string>());
        start.RedirectStandardError = false;
        var role = new Role(Process.Start(start)!);
        role._process.PriorityClass = priority;
        return role;
    }

    public async Task<string> ReadAsync(CancellationToken cancellationToken) =>
        await _process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("A part of it has ended.");

    public async Task<string> AskAsync(string line, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(line);
        return await ReadAsync(cancellationToken);
    }

    public void Dispose() => _end.Dispose();
}
