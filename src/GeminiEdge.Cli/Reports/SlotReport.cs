using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Cli.Reports;

/// <summary>The slots as a table or as JSON.</summary>
internal static class SlotReport
{
    private const int ShortVersion = 8;
    private static readonly string[] Columns = ["SLOT", "KEY_ID", "VERSION", "AGE", "EXPIRES", "STATE"];

    /// <param name="wouldProbe">With a dry run: the slots that may be probed would have been.</param>
    public static void Write(Session session, ImmutableArray<SlotView> slots, bool wouldProbe)
    {
        var now = session.Time.GetUtcNow();
        foreach (var view in slots.Where(view => view.MayProbe && view.Slot.Slot != KeySlot.Old && view.Slot.IsExpired(now)))
        {
            session.Terminal.Say($"Warning: the expiry of {view.Slot.Slot.Secret()} has passed. Edges go on using it; a key's own end is known to Google alone.");
        }

        if (session.Json)
        {
            WriteJson(session, slots, wouldProbe);
            return;
        }

        // Of a ring of two the other seven slots are nothing to look at.
        session.Terminal.Print(Columns, slots.Where(view => view.Mark != "empty" || IsUsual(view.Slot.Slot)).Select(view => Row(view, wouldProbe, now)));
    }

    private static bool IsUsual(KeySlot slot) => slot is KeySlot.Primary or KeySlot.Secondary or KeySlot.Old;

    private static Cell[] Row(SlotView view, bool wouldProbe, DateTimeOffset now) =>
    [
        view.Slot.Slot.Name(),
        view.Slot.Key?.Id ?? "",
        view.Mark == "empty" ? "" : view.Slot.Version is { } version ? version[..Math.Min(version.Length, ShortVersion)] : "",
        view.Mark == "empty" || view.Slot.CreatedOn is not { } created ? "" : Age(now - created),
        view.Mark == "empty" || view.Slot.ExpiresOn is not { } expires ? "" : Time(expires, "yyyy-MM-dd HH:mm 'UTC'"),
        new(State(view, wouldProbe), ToneOf(view)),
    ];

    private static Tone ToneOf(SlotView view) => view switch
    {
        { IsRefused: true } or { Mark: "unusable" or "leaked" } => Tone.Bad,
        { Mark: not null } or { Probe.Verdict: not Verdict.Ok } => view.Mark == "empty" ? Tone.Plain : Tone.Doubtful,
        { Probe: not null } => Tone.Good,
        _ => Tone.Plain,
    };

    private static string State(SlotView view, bool wouldProbe)
    {
        if (view.Mark == "unusable")
        {
            return $"unusable: {view.Slot.Refusal}";
        }

        var health = view.Health ?? (view.MayProbe ? wouldProbe ? "would be probed" : "unknown" : null);
        return string.Join(", ", new[] { view.Mark, health, view.LeakSeen ? "key_leaked in traffic" : view.RejectedBy > 0 ? $"rejected in traffic by {view.RejectedBy} {(view.RejectedBy == 1 ? "instance" : "instances")}" : null }.Where(part => part is not null));
    }

    private static string Age(TimeSpan age) => age switch
    {
        { TotalDays: >= 2 } => $"{age.Days} d",
        { TotalHours: >= 2 } => $"{(int)age.TotalHours} h",
        { TotalMinutes: >= 2 } => $"{(int)age.TotalMinutes} min",
        _ => $"{Math.Max(0, (int)age.TotalSeconds)} s",
    };

    private static string Time(DateTimeOffset time, string format) => time.UtcDateTime.ToString(format, CultureInfo.InvariantCulture);

    private static void WriteJson(Session session, ImmutableArray<SlotView> slots, bool wouldProbe) => JsonReport.Write(session.Terminal, json =>
    {
        json.WriteString("vault", session.Vault.AbsoluteUri);
        if (session.DryRun)
        {
            json.WriteBoolean("dry_run", true);
        }

        json.WriteStartArray("slots");
        foreach (var view in slots)
        {
            WriteSlot(json, view, wouldProbe);
        }

        json.WriteEndArray();
    });

    private static void WriteSlot(Utf8JsonWriter json, SlotView view, bool wouldProbe)
    {
        json.WriteStartObject();
        json.WriteString("slot", view.Slot.Slot.Name());
        json.WriteText("key_id", view.Slot.Key?.Id);
        json.WriteText("version", view.Slot.Version);
        json.WriteText("created", view.Slot.CreatedOn is { } created ? Time(created, "yyyy-MM-dd'T'HH:mm:ss'Z'") : null);
        json.WriteText("expires", view.Slot.ExpiresOn is { } expires ? Time(expires, "yyyy-MM-dd'T'HH:mm:ss'Z'") : null);
        json.WriteString("state", view.Mark ?? view.Health ?? "unknown");
        json.WriteText("reason", view.Slot.Refusal);
        if (view.LeakSeen)
        {
            json.WriteBoolean("leaked_in_traffic", true);
        }

        if (view.RejectedBy > 0)
        {
            json.WriteNumber("rejected_by_instances", view.RejectedBy);
        }

        if (wouldProbe && view.MayProbe)
        {
            json.WriteBoolean("would_probe", true);
        }

        if (view.Probe is { } probe)
        {
            json.WriteString("verdict", Consequence.Of(probe.Verdict).Name);
            if (probe.Status is { } status)
            {
                json.WriteNumber("status", status);
            }

            json.WriteNumber("duration_ms", (long)probe.Duration.TotalMilliseconds);
        }

        json.WriteEndObject();
    }
}
