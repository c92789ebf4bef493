namespace GeminiEdge.Cli;

/// <summary>How what a cell says is to be taken. Its words say it too: colour is never the only sign.</summary>
internal enum Tone
{
    Plain,
    Good,
    Doubtful,
    Bad,
}

/// <summary>A cell of a table.</summary>
internal readonly record struct Cell(string Text, Tone Tone = Tone.Plain)
{
    public static implicit operator Cell(string text) => new(text);
}
