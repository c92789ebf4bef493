using System.Collections.Immutable;
using System.Globalization;
using GeminiEdge.Fleet;

namespace GeminiEdge.Cli.Reports;

/// <summary>A key in one slot, as far as the instances used it there in the last hour.</summary>
/// <param name="Last">The last minute in which an attempt began or ended.</param>
/// <param name="Attempts">How many ended.</param>
/// <param name="Instances">How many instances made them.</param>
internal sealed record KeyLastUse(string Slot, string KeyId, DateTimeOffset Last, long Attempts, int Instances)
{
    /// <summary>By slot, the latest first; none when it was not used in the hour.</summary>
    public static ImmutableArray<KeyLastUse> Of(IEnumerable<FleetRow> rows, string keyId, DateTimeOffset now)
    {
        var from = KeyTotals.MinuteOf(now) - FleetCounts.MinutesKept + 1;
        return
        [
            .. rows.SelectMany(row => row.Keys).Where(key => key.KeyId == keyId)
                .Select(key => (key.Slot, Last: LastMinute(key), Attempts: key.Minutes.Where(minute => minute.Minute >= from).Sum(minute => minute.Attempts)))
                .Where(use => use.Last >= from)
                .GroupBy(use => use.Slot)
                .Select(uses => new KeyLastUse(
                    uses.Key, keyId, DateTimeOffset.FromUnixTimeSeconds(uses.Max(use => use.Last) * 60), uses.Sum(use => use.Attempts), uses.Count()))
                .OrderByDescending(use => use.Last),
        ];
    }

    /// <summary>For people.</summary>
    public string Text => string.Create(
        CultureInfo.InvariantCulture,
        $"{RotationEvidence.MinuteText(Last)} as {Slot} (…{KeyId}; {Attempts:N0} {(Attempts == 1 ? "attempt" : "attempts")} in the last hour, on {Instances} {(Instances == 1 ? "instance" : "instances")})");

    // An attempt whose caller left, or that still runs, is counted in no minute, but it is a use.
    private static long LastMinute(FleetKey key) => Math.Max(
        key.Minutes.Select(minute => minute.Attempts > 0 ? minute.Minute : 0).DefaultIfEmpty().Max(),
        key.LastAttempt is { } last ? KeyTotals.MinuteOf(last) : 0);
}
