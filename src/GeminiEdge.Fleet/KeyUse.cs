using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Fleet;

/// <summary>What is counted of one slot and key_id; the lock of <see cref="FleetCounts"/> guards it.</summary>
internal sealed class KeyUse
{
    /// <summary>The columns: one for each outcome, then the failed requests.</summary>
    public const int Failed = 5;

    // An attempt is counted once, in its minute: what a minute held goes to its hour when it gives its place away.
    private readonly PeriodCounts _pastHours = new(FleetCounts.HoursKept, 1);

    public KeyUse(RingKey key) => (Key, Minutes) = (key, new PeriodCounts(FleetCounts.MinutesKept, Failed + 1, Leave));

    /// <summary>The key at its newest place in a ring.</summary>
    public RingKey Key { get; set; }

    /// <summary>When the last attempt began.</summary>
    public DateTimeOffset LastAttempt { get; set; }

    /// <summary>Google reported it as leaked, and that has been told.</summary>
    public bool ToldLeaked { get; set; }

    public PeriodCounts Minutes { get; }

    public bool Is(RingKey key) => ReferenceEquals(Key, key) || (Key.Slot == key.Slot && Key.Id == key.Id);

    /// <summary>The hours of the last day in which attempts ended, in order: all attempts, whatever became of them.</summary>
    /// <param name="now">This minute.</param>
    public ImmutableArray<AttemptHour> Hours(long now)
    {
        var hours = new SortedDictionary<long, long>();
        foreach (var row in _pastHours.Read(now / 60))
        {
            hours[row[0]] = row[1];
        }

        foreach (var (minute, counts) in Minutes.Kept())
        {
            if (minute <= now && IsOfTheDay(minute / 60, now / 60) && Attempts(counts) is > 0 and var attempts)
            {
                hours[minute / 60] = hours.GetValueOrDefault(minute / 60) + attempts;
            }
        }

        return [.. hours.Select(hour => new AttemptHour(hour.Key, hour.Value))];
    }

    private void Leave(long minute, long newer, ReadOnlySpan<int> counts)
    {
        if (IsOfTheDay(minute / 60, newer / 60) && Attempts(counts) is > 0 and var attempts)
        {
            _pastHours.Add(minute / 60, 0, attempts);
        }
    }

    private static bool IsOfTheDay(long hour, long now) => hour > now - FleetCounts.HoursKept;

    private static int Attempts(ReadOnlySpan<int> counts)
    {
        var sum = 0;
        foreach (var count in counts[..Failed])
        {
            sum += count;
        }

        return sum;
    }
}
