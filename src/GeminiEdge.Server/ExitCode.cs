namespace GeminiEdge.Server;

/// <summary>How the process ends.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>It can't listen where it should.</summary>
    public const int NotListening = 1;

    /// <summary>Of <c>--health</c>: no key works, or nobody answers.</summary>
    public const int NotHealthy = 1;

    /// <summary>The command line, or the setting that says where to listen, is wrong; nothing was started.</summary>
    public const int Usage = 64;

    /// <summary>Ctrl-C for the second time.</summary>
    public const int Interrupted = 130;
}
