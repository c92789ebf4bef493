namespace GeminiEdge.Cli;

/// <summary>How what a cell says is to be taken. Its words say it too: colour is never the only sign.</summary>
internal enum Tone
{
    Plain,
    Title,
    Good,
    Doubtful,
    Bad,
}

/// <summary>A cell of a table, or a part of a line.</summary>
internal readonly record struct Cell(string Text, Tone Tone = Tone.Plain)
{
    public static implicit operator Cell(string text) => new(text);
}
