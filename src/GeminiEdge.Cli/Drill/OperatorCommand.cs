using System.Diagnostics;
using System.Text.Json;

namespace GeminiEdge.Cli.Drill;

/// <summary>One run of `edgectl` as an operator starts it, in a process of its own that ends with this one.</summary>
internal sealed class OperatorCommand : IDisposable
{
    private readonly Process _process;
    private readonly ProcessEnd _end;

    private OperatorCommand(Process process) => (_process, _end) = (process, new ProcessEnd(process));

    /// <param name="say">Hears each line of its standard error.</param>
    public static OperatorCommand Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string> settings, Action<string> say)
    {
        var process = new Process { StartInfo = DotnetHost.Start("edgectl.dll", [.. arguments, "--json"], settings) };
        process.ErrorDataReceived += (_, line) =>
        {
            if (!string.IsNullOrEmpty(line.Data))
            {
                say(line.Data);
            }
        };
        process.Start();
        var command = new OperatorCommand(process);
        process.StandardInput.Close();
        process.BeginErrorReadLine();
        return command;
    }

    /// <returns>Its exit code, and its result; null when it printed none.</returns>
    public async Task<(int ExitCode, JsonElement? Result)> EndAsync(CancellationToken cancellationToken)
    {
        var output = await _process.StandardOutput.ReadToEndAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        if (output.Length == 0)
        {
            return (_process.ExitCode, null);
        }

        using var json = JsonDocument.Parse(output);
        return (_process.ExitCode, json.RootElement.Clone());
    }

    public void Dispose() => _end.Dispose();
}
