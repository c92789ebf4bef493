namespace GeminiEdge.Tests.Cli;

/// <summary>A terminal that a command runs in.</summary>
internal sealed record Screen(int Width, bool ShowsColours)
{
    /// <summary>Nothing is broken on it, and nothing left out.</summary>
    public static readonly Screen Endless = new(10_000, ShowsColours: false);
}
