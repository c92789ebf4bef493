namespace GeminiEdge.Tests.Cli;

/// <summary>A terminal that a command runs in.</summary>
internal sealed record Screen(int Width, bool ShowsColours)
{
    /// <summary>Somebody types there; otherwise standard input comes from a file.</summary>
    public bool IsTyped { get; init; } = true;

    /// <summary>Nothing is broken on it, and nothing left out.</summary>
    public static readonly Screen Endless = new(10_000, ShowsColours: false);
}
