namespace GeminiEdge.Cli;

/// <summary>The exit codes beside those of <see cref="Rotation.RotationOutcome"/>.</summary>
internal static class ExitCode
{
    /// <summary>The command line or a setting is wrong; nothing was done.</summary>
    public const int Usage = 64;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = (int)Rotation.RotationOutcome.Stopped;
}
