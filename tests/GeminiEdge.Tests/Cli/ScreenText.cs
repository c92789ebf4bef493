using System.Text.RegularExpressions;

namespace GeminiEdge.Tests.Cli;

/// <summary>What a terminal makes of what was written to it.</summary>
internal static partial class ScreenText
{
    /// <summary>Each line as it was written, also the one at the bottom that later ones took the place of.</summary>
    public static IReadOnlyList<string> Lines(string text) => Escape().Replace(text, "").Split('\n', '\r');

    /// <summary>What stands on the terminal in the end.</summary>
    public static string Shown(string text) => string.Join('\n', Escape().Replace(text, "").Split('\n').Select(line =>
        line.Split('\r').Aggregate("", (shown, part) => part + (part.Length < shown.Length ? shown[part.Length..] : "")).TrimEnd()));

    /// <summary>The words as one line, wherever lines were broken.</summary>
    public static string OneLine(string text) => string.Join(' ', Words(text));

    /// <summary>No line is wider than the terminal, and no word is broken: each stands whole in what an endless line shows.</summary>
    public static void AssertFits(int width, string text, string endless)
    {
        Assert.DoesNotContain(Lines(text), line => line.Length > width);

        // It stands before a key's last four characters where these begin with a dash.
        Assert.Empty(Words(text).Where(word => word != "--").Select(Same).Except(Words(endless).Select(Same)));
    }

    private static IEnumerable<string> Words(string text) => Lines(text).SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    // Two runs differ in times, keys and names made by chance.
    private static string Same(string word) => Digits().Replace(Chance().Replace(word, "*"), "0");

    [GeneratedRegex(@"\u001b\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Escape();

    [GeneratedRegex(@"…[\w-]{4}|^[\w-]{4}(?=`$)|edgectl-leak-\w+|-[0-9a-f]{6}\b|\b[0-9a-f]{8}\b|(?<==)\S+$")]
    private static partial Regex Chance();

    [GeneratedRegex(@"[0-9]+")]
    private static partial Regex Digits();
}
