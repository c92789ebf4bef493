using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace GeminiEdge.Cli;

/// <summary>Durations on the command line: 30m, 90s, 2h or hh:mm:ss.</summary>
internal static class DurationOption
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    public static Option<TimeSpan?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "30m",
        CustomParser = Parse,
    };

    private static TimeSpan? Parse(ArgumentResult result)
    {
        if (Read(result.Tokens[0].Value) is { } duration && duration >= TimeSpan.Zero && duration <= Longest)
        {
            return duration;
        }

        result.AddError(UsageError.WrongDuration);
        return null;
    }

    private static TimeSpan? Read(string text)
    {
        var isNumber = int.TryParse(text.AsSpan(0, Math.Max(0, text.Length - 1)), NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        return (isNumber && number <= Longest.TotalSeconds ? text[^1] : default) switch
        {
            's' => TimeSpan.FromSeconds(number),
            'm' => TimeSpan.FromMinutes(number),
            'h' => TimeSpan.FromHours(number),
            _ => TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var time) ? time : null,
        };
    }
}
