using System.Diagnostics;
using System.Globalization;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Cli;

/// <summary>The built `edgectl`, started as an operator or a pipeline starts it: for what the command line alone does not show.</summary>
internal sealed class CliProcess : CliRun
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task _errors;
    private string _said = "";

    private CliProcess(Process process)
    {
        (_process, _output) = (process, process.StandardOutput.ReadToEndAsync());
        _errors = ReadErrorsAsync();
    }

    /// <summary>The built one.</summary>
    public static string Executable { get; } = EdgeProcess.Executable.Replace("GeminiEdge.Server/debug/GeminiEdge.Server", "GeminiEdge.Cli/debug/edgectl", StringComparison.Ordinal);

    public override int ExitCode => _process.ExitCode;

    public override bool HasExited => _process.HasExited && _errors.IsCompleted;

    public override string Output => _output.Result;

    public override string Errors => Volatile.Read(ref _said);

    /// <summary>Starts it with this environment and nothing of the test's own that it would read.</summary>
    public static CliProcess Start(IEnumerable<KeyValuePair<string, string>> environment, params string[] arguments)
    {
        // A runner that ignores the terminal's end (nohup) hands that down; a user's shell doesn't.
        var start = OperatingSystem.IsLinux()
            ? new ProcessStartInfo("env", ["--default-signal=HUP,INT", Executable, .. arguments])
            : new ProcessStartInfo(Executable, arguments);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        foreach (var name in start.Environment.Keys.Where(IsRead).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new CliProcess(Process.Start(start)!);
    }

    public override async Task EndAsync(string input = "", TimeSpan? patience = null)
    {
        await _process.StandardInput.WriteAsync(input);
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(patience ?? TimeSpan.FromSeconds(90));
        await Task.WhenAll(_output, _errors);
    }

    public override void Interrupt() => Signal("-INT");

    public void Signal(string signal) => Process.Start("kill", [signal, _process.Id.ToString(CultureInfo.InvariantCulture)]).WaitForExit();

    public override void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task ReadErrorsAsync()
    {
        var buffer = new char[1024];
        while (await _process.StandardError.ReadAsync(buffer) is > 0 and var length)
        {
            Volatile.Write(ref _said, _said + new string(buffer, 0, length));
        }
    }
}
