using System.Collections.Immutable;
using System.Text.Json;

namespace GeminiEdge.Fleet;

/// <summary>The attempts with one key that ended in one minute.</summary>
/// <param name="Minute">Minutes since 1970 in UTC.</param>
/// <param name="FailedRequests">Requests that failed after this key was tried and was, or may have been, at fault.</param>
internal readonly record struct AttemptMinute(long Minute, long Ok, long Key, long Quota, long Upstream, long Caller, long FailedRequests)
{
    public long Attempts => Ok + Key + Quota + Upstream + Caller;

    public static AttemptMinute Of(ImmutableArray<long> row) => new(row[0], row[1], row[2], row[3], row[4], row[5], row[6]);
}

/// <summary>The attempts with one key that ended in one hour.</summary>
/// <param name="Hour">Hours since 1970 in UTC.</param>
internal readonly record struct AttemptHour(long Hour, long Attempts)
{
    public static AttemptHour Of(ImmutableArray<long> row) => new(row[0], row[1]);

    public static ImmutableArray<AttemptHour> Of(IEnumerable<AttemptMinute> minutes) =>
        [.. minutes.GroupBy(minute => minute.Minute / 60).OrderBy(hour => hour.Key).Select(hour => new AttemptHour(hour.Key, hour.Sum(minute => minute.Attempts)))];
}

/// <summary>The requests that ended in one minute; those whose caller left are in neither count.</summary>
/// <param name="Minute">Minutes since 1970 in UTC.</param>
internal readonly record struct RequestMinute(long Minute, long Answered, long Failed)
{
    public static RequestMinute Of(ImmutableArray<long> row) => new(row[0], row[1], row[2]);
}

/// <summary>Minutes and hours as JSON: an array of arrays of numbers, without names, because there are many.</summary>
internal static class FleetMinutes
{
    // Of all rows together no sum is larger than a number can be.
    private const long Most = uint.MaxValue;

    public static void Write(Utf8JsonWriter json, AttemptMinute minute) =>
        Write(json, [minute.Minute, minute.Ok, minute.Key, minute.Quota, minute.Upstream, minute.Caller, minute.FailedRequests]);

    public static void Write(Utf8JsonWriter json, AttemptHour hour) => Write(json, [hour.Hour, hour.Attempts]);

    public static void Write(Utf8JsonWriter json, RequestMinute minute) => Write(json, [minute.Minute, minute.Answered, minute.Failed]);

    /// <summary>The rows that have at least so many numbers; a newer version's may have more. What nobody can have counted is left out.</summary>
    public static IEnumerable<ImmutableArray<long>> Read(JsonElement rows, int width) =>
        rows.EnumerateArray().Where(row => row.GetArrayLength() >= width).Select(row => row.EnumerateArray().Select(number => number.GetInt64()).ToImmutableArray())
            .Where(row => row.All(number => number is >= 0 and <= Most));

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<long> row)
    {
        json.WriteStartArray();
        foreach (var number in row)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }
}
