using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using GeminiEdge.Cli.Leak;
using GeminiEdge.Keys;
using GeminiEdge.Rotation;
using GeminiEdge.Verdicts;

namespace GeminiEdge.Cli.Reports;

/// <summary>The record of one command for an audit: who, when, which keys by their last four characters, and what was proven.</summary>
internal sealed record RotationEvidence(string Command, string Operator, Uri Vault, DateTimeOffset Started, DateTimeOffset Ended, bool DryRun, RotationResult Result, LeakFacts? Leak)
{
    // Without a register nobody can say more, and a record must not seem to.
    private const string Unproven = "unproven: no fleet register was read; the time was waited in which every edge reads the vault";
    private const string UnknownUse = "unknown: no fleet register was read for it";

    public byte[] Json()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            foreach (var (name, value) in Facts())
            {
                json.WriteText(name, value);
            }

            json.WriteBoolean("dry_run", DryRun);
            json.WriteStartArray("steps");
            foreach (var step in Result.Steps)
            {
                json.WriteStartObject();
                json.WriteText("at", step.At is { } at ? Text(at) : null);
                json.WriteString("text", step.Text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            WriteSlots(json, "slots_before", Result.Before);
            WriteSlots(json, "slots_after", Result.After);
            json.WriteStartArray("probes");
            foreach (var (key, verdict) in Result.Probes.OrderBy(probe => probe.Key.Id, StringComparer.Ordinal))
            {
                json.WriteStartObject();
                json.WriteString("key_id", key.Id);
                json.WriteString("verdict", Consequence.Of(verdict).Name);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteTexts("warnings", Result.Warnings);
            Leak?.WriteTo(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public string Markdown()
    {
        var text = new StringBuilder($"# {Command}, {Text(Started)}\n\n");
        foreach (var (name, value) in Facts().Where(fact => fact.Value is not null))
        {
            text.Append(CultureInfo.InvariantCulture, $"- {name}: {Plain(value!)}\n");
        }

        text.Append("\n## Slots\n\n| slot | before | after |\n|---|---|---|\n");
        foreach (var slot in KeySlots.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {slot.Name()} | {Cell(Result.Before, slot)} | {Cell(Result.After, slot)} |\n");
        }

        List(text, DryRun ? "Would be done" : "Steps", Result.Steps.Select(step => $"{(step.At is { } at ? $"{Text(at)} " : "")}{step.Text}"));
        List(text, "Probes", Result.Probes.OrderBy(probe => probe.Key.Id, StringComparer.Ordinal).Select(probe => $"…{probe.Key.Id}: {Consequence.Of(probe.Value).Name}"));
        List(text, "Stages", (Leak?.Stages ?? []).Select(stage => string.Create(CultureInfo.InvariantCulture, $"{stage.Ended.TotalSeconds:0.0} s ({stage.Name}, due by minute {stage.Minute}): {stage.Result}")));
        List(text, "Warnings", Result.Warnings);
        return text.ToString();
    }

    private IEnumerable<(string Name, string? Value)> Facts() =>
    [
        ("command", Command),
        ("operator", Operator),
        ("vault", Vault.AbsoluteUri),
        ("started", Text(Started)),
        ("ended", Text(Ended)),
        ("rotation", Result.RotationId),
        ("outcome", ResultReport.Name(Result.Outcome)),
        ("message", Result.Message),
        ("convergence", Result.RotationId is null || DryRun ? null : Result.Convergence ?? Unproven),
        ("last_use_of_the_former_key", Result.RotationId is null || DryRun ? null : Leak?.LastUseText ?? UnknownUse),
        ("proof_that_it_stopped_working", Leak is null ? null : Leak.LastVerdict is { } verdict ? $"Google's last answer to …{Leak.KeyId}: {verdict}" : "none: the key was not asked"),
    ];

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

    private static string Cell(ImmutableArray<SlotState>? slots, KeySlot slot) =>
        slots is { } all && all[(int)slot] is { Version: { } version } state ? $"{(state.Key is { } key ? $"…{key.Id}" : "empty")} ({version})" : "–";

    private static void List(StringBuilder text, string title, IEnumerable<string> lines)
    {
        var all = lines.ToList();
        if (all.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n{string.Concat(all.Select(line => $"- {Plain(line)}\n"))}");
        }
    }

    // Tags and names come from others.
    private static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
