using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Drill;

/// <summary>The last line of a drill: PASS, or FAIL and why.</summary>
internal static class DrillEnd
{
    /// <param name="passed">What it has shown, if nothing stands against it.</param>
    /// <param name="faults">What does.</param>
    /// <returns>The exit code.</returns>
    public static int Report(Terminal terminal, bool json, string passed, params IReadOnlyCollection<string> faults)
    {
        // Whoever reads standard output as a file or a program is told on standard error, too.
        foreach (var fault in json || !terminal.IsOneScreen ? faults : [])
        {
            terminal.Say($"edgectl: {fault}");
        }

        if (!json)
        {
            terminal.Print("");
            terminal.Print(faults.Count == 0 ? new Cell("PASS", Tone.Good) : new Cell("FAIL", Tone.Bad), $": {(faults.Count == 0 ? passed : string.Join(' ', faults))}");
        }

        return ExitCode.Of(faults.Count == 0 ? RotationOutcome.Done : RotationOutcome.Failed);
    }
}
