using GeminiEdge.Cli.Drill;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Practice;

/// <summary>The sandbox from its start until its operator leaves.</summary>
internal sealed class PracticeRun(Terminal terminal, TimeProvider time)
{
    public const string Gone = "The sandbox is gone; close the second terminal too, its settings lead nowhere now.";

    private const int Instances = 2;

    // Short enough not to be waited for, long enough to be seen.
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(5);

    /// <returns>The exit code: 0 unless it could not start.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        terminal.Say("Starting the simulators and two edges; this takes a few seconds.");
        await using var bed = await DrillBed.StartAsync(time, cancellationToken, "sandbox");
        await using var google = await DrillGoogle.StartAsync(bed, cancellationToken);
        if (await bed.StartEdgesAsync(Instances, google.AddKey(), google.AddKey(), RefreshInterval, cancellationToken) is { } problem)
        {
            terminal.Say($"edgectl: {problem}");
            return ExitCode.Of(RotationOutcome.Failed);
        }

        var keys = new PracticeKeys(bed, google);
        await using var callers = new PracticeCallers(bed, keys, terminal, time);
        var commands = new PracticeCommands(bed, keys, callers, terminal);
        PracticeSettings.Write(bed, google, RefreshInterval, terminal);
        terminal.Say("Callers send ten requests a second. Type a command here; `help` lists them, Ctrl-C ends the sandbox.");
        callers.Start();
        await foreach (var line in LinesAsync(cancellationToken))
        {
            if (!commands.Run(line))
            {
                break;
            }
        }

        terminal.Say(Gone);
        return ExitCode.Of(RotationOutcome.Done);
    }

    private async IAsyncEnumerable<string> LinesAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var piped = terminal.Input.IsRedirected ? new StreamReader(terminal.Input.Open()) : null;

        // A read of a terminal can't be cancelled, only left.
        while (await (piped is null
            ? Task.Run(terminal.Input.ReadLine, cancellationToken).WaitAsync(cancellationToken)
            : piped.ReadLineAsync(cancellationToken).AsTask().WaitAsync(cancellationToken)) is { } line)
        {
            yield return line;
        }

        // Ctrl-D leaves; but where nobody sits it serves whoever uses it from elsewhere.
        if (piped is not null)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        }
    }
}
