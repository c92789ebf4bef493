using System.Text.RegularExpressions;

namespace GeminiEdge.Failover.Keys;

/// <summary>
/// Knows what manuals print in the place of a key: <c>your-api-key</c>, <c>REPLACE_ME</c>, <c>&lt;key&gt;</c>, <c>AIzaSyXXXX…</c>. A
/// text counts only if it consists of such words from end to end, which no key does by chance.
/// </summary>
internal static partial class Placeholder
{
    // Longer ones have more to them than such words.
    private const int Longest = 100;
    private const string Separators = "-_. \t";

    // One of these has to be among them.
    private static readonly string[] Telling =
    [
        "your", "here", "paste", "put", "insert", "enter", "add", "fill", "replace", "replaceme", "change", "changeme", "changeit", "placeholder", "todo", "tbd", "fixme",
        "redacted", "example", "sample", "myapikey", "mygeminikey", "geminiapikey", "googleapikey", "googapikey", "googlegenerativeaiapikey",
    ];

    private static readonly string[] Others =
    [
        "a", "an", "the", "this", "that", "it", "me", "my", "own", "real", "actual", "new", "first", "second", "third", "one", "two", "in", "with", "by", "to", "from", "for", "of",
        "please", "goes", "type", "set", "use", "place", "copy", "api", "key", "keys", "token", "secret", "value", "string", "text", "gemini", "google", "ai", "studio",
        "generative", "language", "upstream", "primary", "secondary", "standby", "backup", "old", "env", "variable", "xxx", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9",
    ];

    /// <summary>There is a word in it that tells somebody what to do; without one it is no such text, unless it is all filling.</summary>
    public static bool Tells(string value)
    {
        var letters = Letters(value);
        return Array.Exists(Telling, word => letters.Contains(word, StringComparison.Ordinal));
    }

    public static bool Is(string value) =>
        Bracketed().IsMatch(value) || Filling().IsMatch(value)
        || (value.Length <= Longest && (IsMadeOfSuchWords(Letters(value)) || IsMadeOfSuchWords(Letters(Beginning().Replace(value, "")))));

    private static bool IsMadeOfSuchWords(string letters)
    {
        // For each length of the beginning: is it made of such words, and is a telling one among them?
        var made = new bool[letters.Length + 1];
        var tells = new bool[letters.Length + 1];
        made[0] = true;
        for (var start = 0; start < letters.Length; start++)
        {
            // Of a key hardly any beginning is: nothing more is asked of it.
            if (made[start])
            {
                Continue(Telling, telling: true);
                Continue(Others, telling: false);
            }

            void Continue(string[] words, bool telling)
            {
                foreach (var word in words)
                {
                    if (letters.AsSpan(start).StartsWith(word, StringComparison.Ordinal))
                    {
                        made[start + word.Length] = true;
                        tells[start + word.Length] |= tells[start] || telling;
                    }
                }
            }
        }

        return made[^1] && tells[^1];
    }

    private static string Letters(string value) =>
        new([.. value.Where(c => !Separators.Contains(c, StringComparison.Ordinal)).Select(char.ToLowerInvariant)]);

    [GeneratedRegex("^(AIza(Sy)?|AQ\\.)", RegexOptions.CultureInvariant)]
    private static partial Regex Beginning();

    // xxxx-xxxx, AIzaSyDXXXX, ****, AIza…
    [GeneratedRegex("^(AIza(Sy[A-D]?)?|AQ\\.)?([-_. ]*x([-_. ]*x){2,}[-_. ]*|[-_. *#?•]{3,}|[-_. *#?•]*…[-_. *#?•…]*)$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Filling();

    // <your key>, [key], {{key}}, ${GEMINI_API_KEY}, $(KEY), $KEY, %KEY%
    [GeneratedRegex(@"^(<.*>|\[.*\]|\{.*\}|\$[({].*[)}]|\$[A-Za-z_]\w*|%[A-Za-z_]\w*%)$", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Bracketed();
}
