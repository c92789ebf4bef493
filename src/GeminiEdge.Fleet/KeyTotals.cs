using System.Globalization;

namespace GeminiEdge.Fleet;

/// <summary>What became of a key's attempts in some minutes, over all instances.</summary>
/// <param name="KeyAndQuota">Attempts whose verdict speaks against the key or its quota.</param>
/// <param name="FailedRequests">Requests that failed after the key was tried and was, or may have been, at fault.</param>
internal readonly record struct KeyTotals(long Attempts, long KeyAndQuota, long Upstream, long FailedRequests)
{
    /// <summary>Key and quota verdicts per attempt.</summary>
    public double KeyAndQuotaRate => Per(KeyAndQuota);

    /// <summary>Failed requests per attempt.</summary>
    public double FailedRate => Per(FailedRequests);

    public double UpstreamRate => Per(Upstream);

    /// <param name="from">The first minute that counts, from 1970 in UTC.</param>
    /// <param name="to">The last one.</param>
    public static KeyTotals Of(IEnumerable<FleetRow> rows, Func<FleetKey, bool> isKey, long from, long to = long.MaxValue)
    {
        var sum = default(KeyTotals);
        foreach (var minute in rows.SelectMany(row => row.Keys).Where(isKey).SelectMany(key => key.Minutes))
        {
            if (minute.Minute >= from && minute.Minute <= to)
            {
                sum = new(sum.Attempts + minute.Attempts, sum.KeyAndQuota + minute.Key + minute.Quota, sum.Upstream + minute.Upstream, sum.FailedRequests + minute.FailedRequests);
            }
        }

        return sum;
    }

    /// <summary>Minutes since 1970 in UTC, as the rows count them.</summary>
    public static long MinuteOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / 60;

    /// <summary>As a tag: four numbers.</summary>
    public string ToText() => string.Create(CultureInfo.InvariantCulture, $"{Attempts} {KeyAndQuota} {Upstream} {FailedRequests}");

    /// <returns>Null when it isn't what <see cref="ToText"/> writes.</returns>
    public static KeyTotals? Parse(string? text)
    {
        var numbers = (text ?? "").Split(' ').Select(part => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1).ToArray();
        return numbers is [>= 0 and var attempts, >= 0 and var key, >= 0 and var upstream, >= 0 and var failed] ? new(attempts, key, upstream, failed) : null;
    }

    private double Per(long count) => Attempts == 0 ? 0 : (double)count / Attempts;
}
