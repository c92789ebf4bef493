using System.Collections.Concurrent;
using System.Diagnostics;

namespace GeminiEdge.Cli.Drill;

/// <summary>One edge: the real executable, in a process of its own that ends with this one.</summary>
internal sealed class EdgeInstance : IDisposable
{
    private const string ListensOn = "GeminiEdge listens on ";

    private readonly Process _process;
    private ProcessEnd? _end;
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly TaskCompletionSource<Uri?> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private EdgeInstance(int number, Process process) => (Number, _process) = (number, process);

    /// <summary>1, 2, …</summary>
    public int Number { get; }

    public int ProcessId => _process.Id;

    /// <summary>Where it listens; null when it has ended instead.</summary>
    public Task<Uri?> Listening => _listening.Task;

    public Uri Url => _listening.Task.Result!;

    public EdgeLines Lines { get; } = new();

    /// <summary>What it wrote on standard error.</summary>
    public string Errors => string.Join('\n', _errors.Where(line => line.Length > 0));

    public static EdgeInstance Start(int number, IReadOnlyDictionary<string, string> settings)
    {
        // It lives for a minute: compiling its code a second time, for later, would take as much of the machine as the load.
        var start = DotnetHost.Start("GeminiEdge.Server.dll", [], new Dictionary<string, string>(settings) { ["DOTNET_TieredCompilation"] = "0" });
        var edge = new EdgeInstance(number, new Process { StartInfo = start, EnableRaisingEvents = true });
        edge.Run();
        return edge;
    }

    public void Dispose() => _end?.Dispose();

    private void Run()
    {
        _process.OutputDataReceived += (_, line) => TakeOutput(line.Data);
        _process.ErrorDataReceived += (_, line) => TakeError(line.Data);
        _process.Start();
        _end = new ProcessEnd(_process);
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void TakeOutput(string? line)
    {
        if (line is not null)
        {
            Lines.Take(line);
        }
    }

    private void TakeError(string? line)
    {
        if (line is null)
        {
            // The end of standard error is the end of the process, with everything it said before.
            _listening.TrySetResult(null);
            return;
        }

        _errors.Enqueue(line);
        if (line.StartsWith(ListensOn, StringComparison.Ordinal))
        {
            _listening.TrySetResult(new Uri(line[ListensOn.Length..]));
        }
    }
}
