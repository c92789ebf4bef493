using System.Collections.Immutable;

namespace GeminiEdge.Fleet;

/// <summary>How a key was used in the last day, over all slots and instances that the register knows.</summary>
/// <param name="KeyId">Its last four characters.</param>
/// <param name="Hours">The hours in which attempts ended, in order.</param>
/// <param name="LastAttempt">When the last attempt began, by its instance's clock.</param>
internal sealed record DailyUse(string KeyId, ImmutableArray<AttemptHour> Hours, DateTimeOffset? LastAttempt)
{
    /// <summary>A spike is so many times the median hour.</summary>
    public const int Factor = 3;

    /// <summary>Fewer attempts in an hour are no spike, whatever the others had.</summary>
    public const int Floor = 100;

    public long Attempts => Hours.Sum(hour => hour.Attempts);

    /// <summary>The busiest hour, the first of several; none where the key was not used.</summary>
    public AttemptHour? Highest => Hours.IsEmpty ? null : Hours.MaxBy(hour => hour.Attempts);

    /// <summary>Of the hours in which it was used: a key that rests at night has no median of zero.</summary>
    public double Median
    {
        get
        {
            var sorted = Hours.Select(hour => hour.Attempts).Order().ToArray();
            return sorted.Length == 0 ? 0 : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2.0;
        }
    }

    public bool IsSpike => Highest is { Attempts: >= Floor and var highest } && highest >= Factor * Median;

    /// <summary>Every key's, the most used first.</summary>
    public static ImmutableArray<DailyUse> Of(IEnumerable<FleetRow> rows, DateTimeOffset now)
    {
        var first = (KeyTotals.MinuteOf(now) / 60) - FleetCounts.HoursKept + 1;
        return
        [
            .. rows.SelectMany(row => row.Keys).GroupBy(key => key.KeyId)
                .Select(key => new DailyUse(
                    key.Key,
                    [.. key.SelectMany(slot => slot.Hours).Where(hour => hour.Hour >= first).GroupBy(hour => hour.Hour).OrderBy(hour => hour.Key).Select(hour => new AttemptHour(hour.Key, hour.Sum(one => one.Attempts)))],
                    key.Max(slot => slot.LastAttempt)))
                .OrderByDescending(use => use.Attempts).ThenBy(use => use.KeyId, StringComparer.Ordinal),
        ];
    }
}
