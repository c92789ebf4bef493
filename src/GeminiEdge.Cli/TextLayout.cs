using System.Text.RegularExpressions;
using Spectre.Console.Rendering;

namespace GeminiEdge.Cli;

/// <summary>Breaks a line at spaces alone; what goes on hangs under what it goes on with.</summary>
internal static partial class TextLayout
{
    /// <summary>A space at which no line is broken.</summary>
    public const char Tied = '\u00A0';

    private const int Usual = 2;

    /// <param name="width">How many columns there are.</param>
    /// <param name="hang">How many columns the lines after the first stand to the right; null: as the line begins.</param>
    /// <returns>The lines. A word that is wider than all columns has one of its own, whole: it may be there to be copied.</returns>
    public static IEnumerable<string> Wrap(string line, int width, int? hang = null)
    {
        var (start, indent, most) = (0, 0, hang ?? Math.Min(HangOf(line), width / 3));
        while (Columns(line[start..]) > width - indent)
        {
            var end = Break(line, start, width - indent);
            if (end < 0)
            {
                break;
            }

            yield return $"{new string(' ', indent)}{line[start..end]}";
            start = end + line[end..].TakeWhile(c => c == ' ').Count();
            var next = line.IndexOf(' ', start);
            indent = Math.Clamp(width - Columns(next < 0 ? line[start..] : line[start..next]), 0, most);
        }

        yield return $"{new string(' ', indent)}{line[start..]}";
    }

    /// <summary>How many columns a text takes.</summary>
    public static int Columns(string text) => text.All(c => c < '\u0300') ? text.Length : new Segment(text).CellCount();

    /// <summary>How far the lines after the first hang: under the words, where the line begins with a time or a label.</summary>
    public static int HangOf(string line) => Beginning().Match(line) is { Length: > 0 } beginning ? beginning.Length : Usual;

    /// <summary>The last space before which everything fits, or else the first; -1 without one.</summary>
    private static int Break(string line, int start, int width)
    {
        var word = start + line[start..].TakeWhile(c => c == ' ').Count();
        var end = -1;
        for (var at = line.IndexOf(' ', word); at >= 0; at = line.IndexOf(' ', at + 1))
        {
            if (line[at - 1] == ' ')
            {
                continue;
            }

            if (end >= 0 && Columns(line[start..at]) > width)
            {
                break;
            }

            end = at;
        }

        return end < 0 || line[end..].All(c => c == ' ') ? -1 : end;
    }

    [GeneratedRegex(@"^(?:\s*(?:(?:edgectl|Warning|would): |\d+\. |\d+\.\d s\s+|\[\d+:\d\d\]\s+(?:by minute \d+: )?))+|^\s+")]
    private static partial Regex Beginning();
}
