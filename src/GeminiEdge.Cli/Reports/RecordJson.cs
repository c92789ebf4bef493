using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Fleet;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Reports;

/// <summary>A record for programs.</summary>
internal static class RecordJson
{
    public static byte[] Of(RotationEvidence evidence)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            foreach (var (name, value) in evidence.Facts())
            {
                json.WriteText(name, value);
            }

            json.WriteBoolean("dry_run", evidence.DryRun);
            WriteSteps(json, evidence.Result.Steps);
            WriteSlots(json, "slots_before", evidence.Result.Before);
            WriteSlots(json, "slots_after", evidence.Result.After);
            WriteProbes(json, evidence.Result.Probes);
            WriteInstances(json, evidence.Fleet);
            WriteUses(json, evidence);
            WatchReport.Write(json, evidence.Result.Watched);
            json.WriteTexts("warnings", evidence.Result.Warnings);
            evidence.Leak?.WriteTo(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteSteps(Utf8JsonWriter json, ImmutableArray<RotationStep> steps)
    {
        json.WriteStartArray("steps");
        foreach (var step in steps)
        {
            json.WriteStartObject();
            json.WriteText("at", step.At is { } at ? RotationEvidence.Text(at) : null);
            json.WriteString("text", step.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteSlots(Utf8JsonWriter json, string name, ImmutableArray<SlotState>? slots)
    {
        json.WriteStartArray(name);
        foreach (var slot in (slots ?? []).Where(slot => slot.Version is not null))
        {
            json.WriteStartObject();
            json.WriteString("slot", slot.Slot.Name());
            json.WriteText("key_id", slot.Key?.Id);
            json.WriteText("version", slot.Version);
            json.WriteText("state", slot.Tags.GetValueOrDefault(RotationTags.State));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteProbes(Utf8JsonWriter json, ImmutableDictionary<ApiKey, Verdict> probes)
    {
        json.WriteStartArray("probes");
        foreach (var (key, verdict) in probes.OrderBy(probe => probe.Key.Id, StringComparer.Ordinal))
        {
            json.WriteStartObject();
            json.WriteString("key_id", key.Id);
            json.WriteString("verdict", Consequence.Of(verdict).Name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteInstances(Utf8JsonWriter json, FleetView? fleet)
    {
        if (fleet is null)
        {
            return;
        }

        json.WriteString("instances_at", RotationEvidence.Text(fleet.At));
        json.WriteStartArray("instances");
        foreach (var row in fleet.Active.Concat(fleet.Idle))
        {
            json.WriteStartObject();
            json.WriteString("app", row.App);
            json.WriteString("instance", row.Instance);
            json.WriteString("region", row.Region);
            json.WriteString("ring", row.Ring);
            json.WriteBoolean("is_newest_ring", row.Ring == fleet.Newest);
            json.WriteBoolean("active", fleet.Active.Contains(row));
            json.WriteString("last_seen", RotationEvidence.Text(row.LastSeen));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteUses(Utf8JsonWriter json, RotationEvidence evidence)
    {
        if (evidence.FormerKeyId is not { } former || evidence.AtEnd is not { Failure: null } fleet)
        {
            return;
        }

        json.WriteStartArray("uses_of_the_former_key");
        foreach (var use in fleet.UsesOf(former, evidence.Ended))
        {
            json.WriteStartObject();
            json.WriteString("slot", use.Slot);
            json.WriteString("key_id", use.KeyId);
            json.WriteString("last_minute", RotationEvidence.MinuteText(use.Last));
            json.WriteNumber("attempts_in_the_last_hour", use.Attempts);
            json.WriteNumber("instances", use.Instances);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
