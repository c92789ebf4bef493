using System.Text.RegularExpressions;

namespace GeminiEdge.Tests.Functions.Func;

/// <summary>.funcignore as func reads it (GitIgnoreParser): close to a .gitignore, but a pattern without a folder counts at the top alone.</summary>
internal sealed partial class FuncIgnore(string text)
{
    private readonly Regex _denied = Join(Lines(text).Where(line => line[0] != '!'));
    private readonly Regex _kept = Join(Lines(text).Where(line => line[0] == '!').Select(line => line[1..]));

    public bool Accepts(string file) => _kept.IsMatch(file) || !_denied.IsMatch(file);

    private static IEnumerable<string> Lines(string text) => text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#');

    private static Regex Join(IEnumerable<string> patterns)
    {
        var joined = string.Join(")|(", patterns.Select(Pattern));
        return new(joined.Length > 0 ? $@"^(({joined}))\b" : "$^", RegexOptions.ECMAScript);
    }

    private static string Pattern(string pattern) => Special().Replace(pattern.TrimStart('/'), @"\$&")
        .Replace("**", "(.+)", StringComparison.Ordinal)
        .Replace("*", @"([^\/]+)", StringComparison.Ordinal);

    [GeneratedRegex(@"[\-\[\]\/\{\}\(\)\+\?\.\\\^\$\|]")]
    private static partial Regex Special();
}
