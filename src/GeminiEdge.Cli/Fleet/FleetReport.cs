using System.Globalization;
using System.Text.Json;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Fleet;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Fleet;

/// <summary>The fleet as a table or as JSON.</summary>
internal static class FleetReport
{
    public static readonly string[] Columns = ["INSTANCE", "APP", "REGION", "VERSION", "ACTIVE KEY", "RING", "KEYS", "SEEN", "LAST MINUTE"];

    /// <summary>What a narrow terminal can do without.</summary>
    public static readonly string[] Lesser = ["VERSION", "APP", "REGION", "LAST MINUTE", "SEEN"];

    public static IEnumerable<Cell[]> Rows(FleetView view, DateTimeOffset now) =>
        view.Active.Select(row => Row(row, view.Lagging.Contains(row) ? new Cell("LAGS", Tone.Doubtful) : new Cell("ok", Tone.Good), now)).Concat(view.Idle.Select(row => Row(row, "idle", now)));

    /// <param name="result">How the command ended.</param>
    public static void WriteJson(Session session, FleetView view, RotationResult result) => JsonReport.Write(session.Terminal, json =>
    {
        var now = session.Time.GetUtcNow();
        json.WriteString("outcome", ExitCode.NameOf(result.Outcome));
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
        json.WriteStartArray("keys");
        foreach (var held in InRing(row))
        {
            json.WriteStartObject();
            json.WriteString("slot", held.Slot);
            json.WriteString("key_id", held.KeyId);
            json.WriteString("state", held.State);
            json.WriteText("verdict", held.Verdict);
            json.WriteEndObject();
        }

        json.WriteEndArray();
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

    /// <summary>The keys that an active instance holds and Google refuses, as a sentence names them; none if all is well.</summary>
    public static IReadOnlyList<string> Rejected(FleetView view) =>
        [.. view.Active.SelectMany(row => InRing(row).Where(IsRejected).Select(key => $"{row.ShortName} {Words(key)}"))];

    private static Cell[] Row(FleetRow row, Cell ring, DateTimeOffset now) =>
    [
        row.ShortName,
        row.App,
        row.Region,
        row.Version.Split('+')[0],
        row.ActiveKey.Length == 0 ? new Cell("none", Tone.Bad) : $"{row.ActiveSlot} …{row.ActiveKey}",
        ring,
        KeysOf(row),
        $"{Math.Max(0, (long)(now - row.LastSeen).TotalSeconds)} s ago",
        Attempts(row, now),
    ];

    // What is well needs no words of its own.
    private static Cell KeysOf(FleetRow row)
    {
        var keys = InRing(row).ToList();
        var troubled = keys.FindAll(key => key.IsLeaked || key.State is not ("healthy" or "unknown"));
        return keys.Count == 0 ? ""
            : troubled.Count > 0 ? new Cell(string.Join(", ", troubled.Select(Words)), troubled.Exists(IsRejected) ? Tone.Bad : Tone.Doubtful)
            : keys.TrueForAll(key => key.State == "healthy") ? new Cell("healthy", Tone.Good)
            : keys.Exists(key => key.State == "healthy") ? new Cell("healthy as far as used", Tone.Good)
            : "not used yet";
    }

    private static string Words(FleetKey key)
    {
        var verdict = key.Verdict ?? (key.IsLeaked ? Consequence.Of(Verdict.KeyLeaked).Name : null);
        return $"{key.Slot} …{key.KeyId} {(IsRejected(key) ? "rejected" : key.State.Replace('_', ' '))}{(verdict is null ? "" : $" ({verdict})")}";
    }

    private static bool IsRejected(FleetKey key) => key.IsLeaked || key.State == KeyState.Rejected.Name();

    private static IEnumerable<FleetKey> InRing(FleetRow row) => row.Keys.Where(key => key.IsInRing);

    private static IEnumerable<string> Leaked(FleetRow row) => InRing(row).Where(key => key.IsLeaked).Select(key => key.KeyId).Distinct();

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
