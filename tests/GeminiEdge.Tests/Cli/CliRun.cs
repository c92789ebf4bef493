using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Cli;

/// <summary>One run of the built `edgectl`, started as an operator or a pipeline starts it.</summary>
internal sealed class CliRun : IDisposable
{
    private static readonly string[] Read = ["GEMINI", "AZURE_", "IDENTITY_", "GITHUB_", "GOOGLE_", "GCE_", "NO_COLOR", "WEBSITE_"];

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task _errors;
    private string _said = "";

    private CliRun(Process process)
    {
        (_process, _output) = (process, process.StandardOutput.ReadToEndAsync());
        _errors = ReadErrorsAsync();
    }

    public int ExitCode => _process.ExitCode;

    public bool HasExited => _process.HasExited;

    /// <summary>Standard output.</summary>
    public string Output => _output.Result;

    /// <summary>Standard error.</summary>
    public string Errors => Volatile.Read(ref _said);

    /// <summary>Standard output as the one JSON object that it is.</summary>
    public JsonObject Json => JsonNode.Parse(Output)!.AsObject();

    /// <summary>Starts it with this environment and nothing of the test's own that it would read.</summary>
    public static CliRun Start(IEnumerable<KeyValuePair<string, string>> environment, params string[] arguments)
    {
        var executable = EdgeProcess.Executable.Replace("GeminiEdge.Server/debug/GeminiEdge.Server", "GeminiEdge.Cli/debug/edgectl", StringComparison.Ordinal);

        // A runner that ignores the terminal's end (nohup) hands that down; a user's shell doesn't.
        var start = OperatingSystem.IsLinux()
            ? new ProcessStartInfo("env", ["--default-signal=HUP,INT", executable, .. arguments])
            : new ProcessStartInfo(executable, arguments);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        foreach (var name in start.Environment.Keys.Where(IsRead).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new CliRun(Process.Start(start)!);
    }

    /// <summary>Gives it this on standard input, or nothing.</summary>
    public async Task<CliRun> EndAsync(string input = "", TimeSpan? patience = null)
    {
        await _process.StandardInput.WriteAsync(input);
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(patience ?? TimeSpan.FromSeconds(90));
        await Task.WhenAll(_output, _errors);
        return this;
    }

    /// <summary>Waits until it has said this on standard error.</summary>
    public async Task SaysAsync(string text)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        while (!Errors.Contains(text, StringComparison.Ordinal))
        {
            Assert.False(HasExited && _errors.IsCompleted, $"It ended, and said:\n{Errors}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
        }
    }

    /// <summary>Fails with what it said.</summary>
    public void AssertEnded(int exitCode) => Assert.True(ExitCode == exitCode, $"It ended with {ExitCode} and said:\n{Errors}");

    /// <summary>Ctrl-C.</summary>
    public void Interrupt() => Signal("-INT");

    public void Signal(string signal) => Process.Start("kill", [signal, _process.Id.ToString(CultureInfo.InvariantCulture)]).WaitForExit();

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    /// <summary>Whether edgectl or a workflow would read a variable of the test's own environment.</summary>
    public static bool IsRead(string name) => Read.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private async Task ReadErrorsAsync()
    {
        var buffer = new char[1024];
        while (await _process.StandardError.ReadAsync(buffer) is > 0 and var length)
        {
            Volatile.Write(ref _said, _said + new string(buffer, 0, length));
        }
    }
}
