using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace GeminiEdge.Failover.Settings;

/// <summary>
/// Reads settings for the options of each area and says everything that is wrong with them at once, a mistyped name
/// included; the configuration binder stops at the first value it can't convert and passes over names it doesn't know.
/// </summary>
internal sealed class SettingReader(IConfiguration configuration)
{
    private const string Section = "GeminiEdge";

    // What is long enough to be a key may be one that was pasted into the wrong setting.
    private const int LongestQuote = 15;

    // Between what an option is to be and what it is.
    private const string ItIs = "; it is ";

    private readonly SortedSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly ImmutableArray<string>.Builder _problems = ImmutableArray.CreateBuilder<string>();

    /// <summary>A sentence about each fault so far.</summary>
    public ImmutableArray<string> Problems => _problems.ToImmutable();

    /// <summary>A fault's sentence without the value that it quotes.</summary>
    public static string WithoutValue(string problem) => problem.IndexOf(ItIs, StringComparison.Ordinal) is var end and >= 0 ? problem[..end] + "." : problem;

    /// <summary>Notes a fault.</summary>
    public void Refuse(string sentence) => _problems.Add(sentence);

    /// <summary>The setting, trimmed; null when it is missing or blank.</summary>
    public string? Text(string name) => configuration[name] is { } value && !string.IsNullOrWhiteSpace(value) ? value.Trim() : null;

    /// <summary>The setting if it is an address that keys may be sent to.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="plain">Where http:// is enough.</param>
    /// <param name="expected">What the setting is: the rest of a sentence that begins with its name.</param>
    public string? Origin(string name, PlainHttp plain, string expected)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (!IsOrigin(text, plain))
        {
            Refuse($"The setting {name} {expected}.");
            return null;
        }

        if (!IsAsSent(text))
        {
            Refuse($"The setting {name} has a space, a backslash or a letter outside ASCII in it: write the address as browsers send it, a host as xn--… and a space as %20.");
            return null;
        }

        return text.TrimEnd('/');
    }

    /// <summary>The option <c>GeminiEdge__NAME</c>: hh:mm:ss, more than zero and at most an hour.</summary>
    public TimeSpan Duration(string name, TimeSpan otherwise) => Option(name, otherwise, "is a duration as hh:mm:ss, more than zero and at most an hour", static text =>
        TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var value) && value >= TimeSpan.FromMilliseconds(1) && value <= TimeSpan.FromHours(1) ? value : null);

    /// <summary>The option <c>GeminiEdge__NAME</c>: hh:mm:ss, at most an hour; zero for not at all.</summary>
    public TimeSpan DurationOrZero(string name, TimeSpan otherwise) => Option(name, otherwise, "is a duration as hh:mm:ss, at most an hour, or 00:00:00 for none", static text =>
        TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var value) && value >= TimeSpan.Zero && value <= TimeSpan.FromHours(1) ? value : null);

    /// <summary>The option <c>GeminiEdge__NAME</c>: a number of bytes.</summary>
    public long Bytes(string name, long otherwise, long most) => Option<long>(name, otherwise, $"is a number of bytes from 1024 to {most}", text =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= 1024 && value <= most ? value : null);

    /// <summary>The option <c>GeminiEdge__NAME</c>: one of these numbers.</summary>
    public int Number(string name, int otherwise, ImmutableArray<int> allowed) => Option<int>(name, otherwise, $"is {string.Join(" or ", allowed)}", text =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && allowed.Contains(value) && text[0] != '0' ? value : null);

    /// <summary>The option <c>GeminiEdge__NAME</c>: per cent, a whole number; the sign may stand behind it.</summary>
    public int Percent(string name, int otherwise) => Option<int>(name, otherwise, "is a whole number of per cent, from 0 to 100", static text =>
        int.TryParse(text.AsSpan().TrimEnd('%').TrimEnd(' '), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= 100 ? value : null);

    /// <summary>The option <c>GeminiEdge__NAME</c>: one of the names of an enumeration.</summary>
    public T Choice<T>(string name, T otherwise)
        where T : struct, Enum => Option(name, otherwise, $"is {string.Join(" or ", Enum.GetNames<T>())}", static text =>
            Enum.TryParse<T>(text, ignoreCase: true, out var value) && $"{value}".Equals(text, StringComparison.OrdinalIgnoreCase) && Enum.IsDefined(value) ? value : null);

    /// <summary>The option <c>GeminiEdge__NAME</c>: one of these texts.</summary>
    public T OneOf<T>(string name, T otherwise, ImmutableArray<(string Text, T Value)> allowed)
        where T : struct => Option<T>(name, otherwise, $"is {string.Join(" or ", allowed.Select(each => each.Text))}", text =>
            allowed.Where(each => each.Text == text).Select(each => (T?)each.Value).FirstOrDefault());

    /// <summary>Notes each <c>GeminiEdge__</c> option that no area has asked for; call it when all have.</summary>
    public void RefuseUnknown()
    {
        foreach (var entry in configuration.GetSection(Section).GetChildren().Where(entry => !_known.Contains(entry.Key)))
        {
            Refuse($"The setting GeminiEdge__{entry.Key} is not known. The known ones are {string.Join(", ", _known)}.");
        }
    }

    private T Option<T>(string name, T otherwise, string expected, Func<string, T?> parse)
        where T : struct
    {
        _known.Add(name);
        if (configuration[$"{Section}:{name}"] is not { } text || string.IsNullOrWhiteSpace(text))
        {
            return otherwise;
        }

        if (parse(text.Trim()) is { } value)
        {
            return value;
        }

        Refuse($"The setting GeminiEdge__{name} {expected}{ItIs}{(text.Length <= LongestQuote ? $"'{text}'" : $"a text of {text.Length} characters")}.");
        return otherwise;
    }

    // What answers name is compared with it, letter for letter, and it goes into headers.
    private static bool IsAsSent(string text) =>
        !text.AsSpan().ContainsAnyExceptInRange('!', '~') && !text.Contains('\\', StringComparison.Ordinal) && text.Contains("://", StringComparison.Ordinal);

    private static bool IsOrigin(string text, PlainHttp plain) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && (plain == PlainHttp.Anywhere || (plain == PlainHttp.Loopback && uri.IsLoopback))))
        && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0;
}

/// <summary>Where an address may be http:// instead of https://.</summary>
internal enum PlainHttp
{
    Nowhere,
    Loopback,
    Anywhere,
}
