using System.Globalization;
using System.Text.Json;
using GeminiEdge.Cli.Reports;
using GeminiEdge.Fleet;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Fleet;

/// <summary>The fleet as a table or as JSON.</summary>
internal static class FleetReport
{
    private const int ShortInstance = 12;

    public static readonly string[] Columns = ["INSTANCE", "APP", "REGION", "VERSION", "ACTIVE KEY", "RING", "SEEN", "LAST MINUTE"];

    /// <summary>What a narrow terminal can do without.</summary>
    public static readonly string[] Lesser = ["VERSION", "APP", "REGION", "LAST MINUTE", "SEEN"];

    public static IEnumerable<string[]> Rows(FleetView view, DateTimeOffset now) =>
        view.Active.Select(row => Row(row, view.Lagging.Contains(row) ? "LAGS" : "ok", now)).Concat(view.Idle.Select(row => Row(row, "idle", now)));

    /// <param name="result">How the command ended.</param>
    public static void WriteJson(Session session, FleetView view, RotationResult result) => JsonReport.Write(session.Terminal, json =>
    {
        var now = session.Time.GetUtcNow();
        json.WriteString("outcome", ResultReport.Name(result.Outcome));
        json.WriteString("message", result.Message);
        json.WriteText("app", session.Register!.App);
        json.WriteBoolean("converged", view.IsConverged);
        json.WriteNumber("active", view.Active.Length);
        json.WriteNumber("idle", view.Idle.Length);
        json.WriteTexts("lagging", [.. view.Lagging.Select(row => row.Instance)]);
        json.WriteStartArray("instances");
        foreach (var row in view.Active.Concat(view.Idle))
        {
            WriteInstance(json, row, view, now);
        }

        json.WriteEndArray();
    });

    private static void WriteInstance(Utf8JsonWriter json, FleetRow row, FleetView view, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteString("app", row.App);
        json.WriteString("instance", row.Instance);
        json.WriteString("region", row.Region);
        json.WriteString("version", row.Version);
        json.WriteString("active_slot", row.ActiveSlot);
        json.WriteString("active_key", row.ActiveKey);
        json.WriteString("ring", view.Lagging.Contains(row) ? "lags" : view.Active.Contains(row) ? "newest" : "idle");
        json.WriteString("last_seen", row.LastSeen.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        json.WriteTexts("leaked", [.. Leaked(row)]);
        var (ok, key, quota, upstream, caller) = LastMinute(row, now);
        json.WriteStartObject("last_minute");
        json.WriteNumber("ok", ok);
        json.WriteNumber("key", key);
        json.WriteNumber("quota", quota);
        json.WriteNumber("upstream", upstream);
        json.WriteNumber("caller", caller);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string[] Row(FleetRow row, string ring, DateTimeOffset now) =>
    [
        row.Instance.Length > ShortInstance ? $"…{row.Instance[^ShortInstance..]}" : row.Instance,
        row.App,
        row.Region,
        row.Version.Split('+')[0],
        row.ActiveKey.Length == 0 ? "none" : $"{row.ActiveSlot} …{row.ActiveKey}",
        string.Join(", ", Leaked(row).Select(key => $"key_leaked …{key}").Prepend(ring)),
        $"{Math.Max(0, (long)(now - row.LastSeen).TotalSeconds)} s ago",
        Attempts(row, now),
    ];

    private static IEnumerable<string> Leaked(FleetRow row) => row.Keys.Where(key => key.IsLeaked && key.IsInRing).Select(key => key.KeyId).Distinct();

    private static string Attempts(FleetRow row, DateTimeOffset now)
    {
        var (ok, key, quota, upstream, caller) = LastMinute(row, now);
        var counts = new[] { (ok, "ok"), (key, "key"), (quota, "quota"), (upstream, "upstream"), (caller, "caller") };
        return string.Join(", ", counts.Where(count => count.Item1 > 0).Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Item1:N0} {count.Item2}")));
    }

    // Minutes are counted whole: those that the last sixty seconds lie in.
    private static (long Ok, long Key, long Quota, long Upstream, long Caller) LastMinute(FleetRow row, DateTimeOffset now)
    {
        var from = KeyTotals.MinuteOf(now - TimeSpan.FromMinutes(1));
        return row.Keys.SelectMany(key => key.Minutes).Where(minute => minute.Minute >= from)
            .Aggregate((0L, 0L, 0L, 0L, 0L), (sum, minute) => (sum.Item1 + minute.Ok, sum.Item2 + minute.Key, sum.Item3 + minute.Quota, sum.Item4 + minute.Upstream, sum.Item5 + minute.Caller));
    }
}
