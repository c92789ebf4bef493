using System.Globalization;
using System.Text.RegularExpressions;

namespace GeminiEdge.Failover.Verdicts;

/// <summary>Finds in an error's message how long to wait: "Please retry in 37.4s", "try again in 2 minutes", "retry after 1h5m".</summary>
internal static partial class WaitInWords
{
    // Longer ones would be cut anyway, and doubles hold more than a TimeSpan can.
    private const double LongestSeconds = 86_400;

    public static TimeSpan? Find(string message)
    {
        var match = RetryIn().Match(message);
        if (!match.Success)
        {
            return null;
        }

        var seconds = (3600 * Number(match.Groups["h"])) + (60 * Number(match.Groups["m"])) + Number(match.Groups["s"]) + (Number(match.Groups["ms"]) / 1000);
        return seconds > 0 ? TimeSpan.FromSeconds(Math.Min(seconds, LongestSeconds)) : null;
    }

    private static double Number(Group digits) =>
        digits.Success && double.TryParse(digits.ValueSpan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [GeneratedRegex(
        @"\b(?:retry|again|reset) (?:in|after) (?=[0-9])(?:(?<ms>[0-9.]{1,20}) ?(?:ms|milliseconds?)\b|(?:(?<h>[0-9.]{1,20}) ?(?:h|hours?) ?)?(?:(?<m>[0-9.]{1,20}) ?(?:m|min|minutes?)(?![a-z]) ?)?(?:(?<s>[0-9.]{1,20}) ?(?:s|sec|seconds?)\b)?)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex RetryIn();
}
