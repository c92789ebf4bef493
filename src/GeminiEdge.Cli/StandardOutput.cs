namespace GeminiEdge.Cli;

/// <summary>Standard output or standard error: text in the terminal's encoding, or bytes.</summary>
internal sealed record StandardOutput(bool IsRedirected, TextWriter Text, Func<Stream> Open)
{
    /// <summary>The terminal's columns. The default is null: it is asked.</summary>
    public int? Width { get; init; }

    /// <summary>Whether the terminal shows colours. The default is null: its kind says so.</summary>
    public bool? ShowsColours { get; init; }
}
