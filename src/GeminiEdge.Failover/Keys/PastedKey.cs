using System.Buffers;
using System.Text.RegularExpressions;

namespace GeminiEdge.Failover.Keys;

/// <summary>
/// What comes along when a key is copied: quotes, the word before it in a header, the name before it in a shell or a file of
/// settings. Google would call all of it an unknown key, and nobody would see why.
/// </summary>
internal static partial class PastedKey
{
    private const string Quotes = "\"'`“”„‟‘’‚‛«»‹›";
    private static readonly SearchValues<char> OfKeys = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");
    private static readonly SearchValues<char> BeforeAKey = SearchValues.Create(Quotes + " \t\r\n=:");

    /// <summary>What is wrong with a value, trimmed: the end of a sentence that begins with its source. Never quotes the value.</summary>
    public static string? Fault(string value) => value switch
    {
        "" => null,
        _ when IsPlainlyAKey(value) => null,
        _ when Quotes.Contains(value[0], StringComparison.Ordinal) || Quotes.Contains(value[^1], StringComparison.Ordinal) =>
            "stands in quotes: store the key alone, without them",
        _ when Bearer().IsMatch(value) => "begins with the word Bearer: store the key alone, without it",
        _ when Placeholder.Is(value) => "is a placeholder, not a key: make a key at https://aistudio.google.com/apikey and store that",
        _ when Assignment().IsMatch(value) => "is a whole line, as export NAME=key or NAME: key: store the key alone, which stands behind the name",
        _ when Address().IsMatch(value) => "is an address, not a key: store the key alone",
        _ => null,
    };

    /// <summary>
    /// It is made of letters as Google's keys are, a digit among them, and tells nobody what to do: then none of the patterns
    /// below can match. Every start asks this of each key, and compiling the patterns for it took a tenth of a second.
    /// </summary>
    private static bool IsPlainlyAKey(string value) =>
        (value.StartsWith("AIza", StringComparison.Ordinal) || value.StartsWith("AQ.", StringComparison.Ordinal))
        && !value.AsSpan().ContainsAnyExcept(OfKeys)
        && value.AsSpan().ContainsAnyInRange('0', '9')
        && !Placeholder.Tells(value);

    /// <summary>What stands in it where a key would: to see that a text shows a key, never to use it.</summary>
    public static string Core(string value)
    {
        var bare = value.Trim([.. Quotes, .. " \t\r\n,;"]);
        return bare[(bare.AsSpan().LastIndexOfAny(BeforeAKey) + 1)..];
    }

    /// <summary>Whether a key was put on a command line with this argument, alone or as an option's value.</summary>
    public static bool IsIn(string argument)
    {
        var value = argument.StartsWith('-') ? argument[(argument.IndexOf('=', StringComparison.Ordinal) + 1)..] : argument;
        return !value.StartsWith('-') && !value.Contains("://", StringComparison.Ordinal)
            && (ApiKey.Create(value).Key is not null || ApiKey.Create(Core(value)).Key is not null);
    }

    [GeneratedRegex(@"^(Authorization\s*[:=]\s*)?Bearer[\s:]", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Bearer();

    // An equals sign or a colon alone says nothing, a key of any shape may hold one: the name has to say that a key follows,
    // or what follows has to begin as Google's keys do.
    [GeneratedRegex(
        """
        ^( (export|set|setx|declare|env|let|const|var|arg)\s+\S
         | \$env:\w
         | [-?&]*[A-Za-z_]\w*\s*=\s*(AIza|AQ\.)
         | [?&]*(([\w.-]*[-_.])?(key|token|secret)|\w*apikey)([-_](primary|secondary|old|[3-9]))?\s*[:=](?!=*$) )
        """,
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9+.-]*://", RegexOptions.CultureInvariant)]
    private static partial Regex Address();
}
