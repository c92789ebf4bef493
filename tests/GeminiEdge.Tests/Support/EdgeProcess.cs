using System.Collections.Concurrent;
using System.Diagnostics;

namespace GeminiEdge.Tests.Support;

/// <summary>The built executable, started as a user or the Functions host starts it.</summary>
internal sealed class EdgeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly LogCapture _log = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private EdgeProcess(Process process) => _process = process;

    /// <summary>Standard output, which holds lines of JSON alone.</summary>
    public LogCapture Log => _log;

    /// <summary>Standard error: the banner.</summary>
    public string Errors => string.Join('\n', _errors);

    /// <summary>Where it says it listens.</summary>
    public Task<Uri> Listening => _listening.Task.WaitAsync(Patience.Limit);

    public bool HasExited => _process.HasExited;

    public static string Executable
    {
        get
        {
            var root = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(root.FullName, "GeminiEdge.sln")))
            {
                root = root.Parent!;
            }

            return Path.Combine(root.FullName, "artifacts", "bin", "GeminiEdge.Server", "debug", "GeminiEdge.Server");
        }
    }

    /// <summary>Starts it with these settings and nothing of the test's own environment that could be a setting.</summary>
    public static EdgeProcess Start(params (string Name, string Value)[] settings) => StartAt(Executable, Environment.CurrentDirectory, [], settings);

    /// <summary>Starts another executable of the edge so, in a folder.</summary>
    public static EdgeProcess StartAt(string executable, string folder, string[] arguments, params (string Name, string Value)[] settings)
    {
        // A runner in the background ignores Ctrl-C and hands that down; a user's shell doesn't.
        var start = OperatingSystem.IsLinux() ? new ProcessStartInfo("env", ["--default-signal=HUP,INT", executable, .. arguments]) : new ProcessStartInfo(executable, arguments);
        (start.WorkingDirectory, start.RedirectStandardOutput, start.RedirectStandardError) = (folder, true, true);
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("GEMINI", StringComparison.Ordinal)
            || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || name.StartsWith("FUNCTIONS_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        var edge = new EdgeProcess(new Process { StartInfo = start });
        edge._process.OutputDataReceived += (_, line) => edge.TakeOutput(line.Data);
        edge._process.ErrorDataReceived += (_, line) => edge.TakeError(line.Data);
        edge._process.Start();
        edge._process.BeginOutputReadLine();
        edge._process.BeginErrorReadLine();
        return edge;
    }

    /// <summary>Ends it with a signal it can't see.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Ctrl-C.</summary>
    public void Interrupt() => Process.Start("kill", ["-INT", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]).WaitForExit();

    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience.Limit);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        await _log.DisposeAsync();
    }

    private void TakeOutput(string? line)
    {
        if (line is not null)
        {
            _log.WriteLine(line);
        }
    }

    private void TakeError(string? line)
    {
        const string sign = "GeminiEdge listens on ";
        _errors.Enqueue(line ?? "");
        if (line is not null && line.StartsWith(sign, StringComparison.Ordinal))
        {
            _listening.TrySetResult(new Uri(line[sign.Length..]));
        }
    }
}
