using System.CommandLine.Parsing;
using System.Globalization;

namespace GeminiEdge.Cli;

/// <summary>How long a version of a secret may live, on the command line or in the environment: 90d, 36h or d.hh:mm:ss.</summary>
internal static class MaxAgeOption
{
    public const string Setting = "GEMINI_KEYVAULT_MAX_AGE";

    private static readonly TimeSpan Shortest = TimeSpan.FromHours(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    public static TimeSpan? Parse(ArgumentResult result)
    {
        if (Read(result.Tokens[0].Value) is { } age)
        {
            return age;
        }

        result.AddError(UsageError.WrongMaxAge);
        return null;
    }

    /// <summary>The environment's; nothing where there is none.</summary>
    public static (TimeSpan? Age, string? Problem) Of(World world) => world.Variable(Setting) is not { } text ? (null, null)
        : Read(text) is { } age ? (age, null)
        : (null, $"The setting {Setting} is a duration as 90d, 36h or d.hh:mm:ss, at least an hour and at most 3650 days.");

    private static TimeSpan? Read(string text)
    {
        var isNumber = int.TryParse(text.AsSpan(0, Math.Max(0, text.Length - 1)), NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        TimeSpan? age = (isNumber && number <= Longest.TotalHours ? text[^1] : default) switch
        {
            'd' => TimeSpan.FromDays(number),
            'h' => TimeSpan.FromHours(number),

            // Without a colon it would be days, and nobody means that by a bare number.
            _ => text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var time) ? time : null,
        };
        return age >= Shortest && age <= Longest ? age : null;
    }
}
