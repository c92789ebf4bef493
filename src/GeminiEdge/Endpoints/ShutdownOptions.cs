using GeminiEdge.Failover.Settings;

namespace GeminiEdge.Endpoints;

/// <summary>How the edge ends.</summary>
internal sealed record ShutdownOptions
{
    /// <summary>How much longer than the grace the server waits: for the last words of streams, and to abort the rest itself.</summary>
    public static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    /// <summary>How long answers under way may take when the process is told to end. The default is 60 s.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(60);

    public static ShutdownOptions Read(SettingReader settings) => new() { Grace = settings.DurationOrZero("ShutdownGrace", new ShutdownOptions().Grace) };
}
