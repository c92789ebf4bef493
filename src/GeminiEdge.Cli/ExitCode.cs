using System.Collections.Immutable;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli;

/// <summary>The one table of how commands end: each outcome's name in JSON and in records, and its exit code.</summary>
internal static class ExitCode
{
    /// <summary>The command line or a setting is wrong; nothing was done.</summary>
    public const int Usage = 64;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;

    public static readonly ImmutableArray<(RotationOutcome Outcome, string Name, int Code)> Table =
    [
        (RotationOutcome.Done, "done", 0),
        (RotationOutcome.Failed, "failed", 1),
        (RotationOutcome.NotConverged, "not_converged", 2),
        (RotationOutcome.StillTaken, "still_taken", 2),
        (RotationOutcome.Rejected, "rejected", 2),
        (RotationOutcome.Refused, "refused", 3),
        (RotationOutcome.AccessDenied, "access_denied", 4),
        (RotationOutcome.Stopped, "stopped", Interrupted),
    ];

    public static int Of(RotationOutcome outcome) => Row(outcome).Code;

    public static string NameOf(RotationOutcome outcome) => Row(outcome).Name;

    private static (RotationOutcome Outcome, string Name, int Code) Row(RotationOutcome outcome) => Table.First(row => row.Outcome == outcome);
}
