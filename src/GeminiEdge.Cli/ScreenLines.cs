using Spectre.Console;
using Spectre.Console.Rendering;

namespace GeminiEdge.Cli;

/// <summary>Lines as they are: nothing breaks them any more.</summary>
internal sealed class ScreenLines(IEnumerable<Cell[]> lines) : IRenderable
{
    private readonly List<List<Segment>> _lines = [.. lines.Select(line => line.Select(part => new Segment(Plain(part.Text), StyleOf(part.Tone))).ToList())];

    public Measurement Measure(RenderOptions options, int maxWidth) => new(0, Math.Min(maxWidth, _lines.Select(Segment.CellCount).DefaultIfEmpty().Max()));

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => _lines.SelectMany(line => line.Append(Segment.LineBreak));

    private static Style StyleOf(Tone tone) => tone switch
    {
        Tone.Title => new Style(decoration: Decoration.Bold),
        Tone.Good => new Style(Color.Green),
        Tone.Doubtful => new Style(Color.Yellow),
        Tone.Bad => new Style(Color.Red, decoration: Decoration.Bold),
        _ => Style.Plain,
    };

    // Tags are written by anyone with a role on the vault, and could steer the terminal.
    private static string Plain(string text) => string.Concat(text.Select(c => c == TextLayout.Tied ? ' ' : char.IsControl(c) ? '?' : c));
}
