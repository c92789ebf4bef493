namespace GeminiEdge.Failover.Keys;

/// <summary>
/// Gemini's daily quotas reset at midnight Pacific time. The rule of US daylight saving (in force since 2007) is
/// written out because a slim image has no time zone database.
/// </summary>
internal static class PacificMidnight
{
    /// <summary>From now until the next reset; more than zero, at most 25 hours.</summary>
    public static TimeSpan Until(DateTimeOffset utcNow)
    {
        var today = (utcNow.UtcDateTime + Offset(utcNow.UtcDateTime)).Date;
        var midnight = today.AddDays(1);

        // The clocks change at 2 a.m.: at midnight the day's first offset still holds.
        return midnight - OffsetAtMidnight(midnight) - utcNow.UtcDateTime;
    }

    private static TimeSpan Offset(DateTime utc)
    {
        // 2 a.m. standard time is 10:00 UTC; 2 a.m. daylight time is 9:00 UTC.
        var begins = Sunday(utc.Year, 3, 2).AddHours(10);
        var ends = Sunday(utc.Year, 11, 1).AddHours(9);
        return utc >= begins && utc < ends ? TimeSpan.FromHours(-7) : TimeSpan.FromHours(-8);
    }

    private static TimeSpan OffsetAtMidnight(DateTime localMidnight)
    {
        var begins = Sunday(localMidnight.Year, 3, 2);
        var ends = Sunday(localMidnight.Year, 11, 1);
        return localMidnight > begins && localMidnight <= ends ? TimeSpan.FromHours(-7) : TimeSpan.FromHours(-8);
    }

    private static DateTime Sunday(int year, int month, int which)
    {
        var first = new DateTime(year, month, 1, 0, 0, 0, DateTimeKind.Unspecified);
        return first.AddDays(((7 - (int)first.DayOfWeek) % 7) + (7 * (which - 1)));
    }
}
