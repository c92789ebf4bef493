using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Fleet;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Reports;

/// <summary>A record for people.</summary>
internal static class RecordMarkdown
{
    public static string Of(RotationEvidence evidence)
    {
        var result = evidence.Result;
        var text = new StringBuilder($"# {evidence.Command}, {RotationEvidence.Text(evidence.Started)}\n\n");
        foreach (var (name, value) in evidence.Facts().Where(fact => fact.Value is not null))
        {
            text.Append(CultureInfo.InvariantCulture, $"- {name}: {Plain(value!)}\n");
        }

        text.Append("\n## Slots\n\n");
        Table(text, ["slot", "before", "after"], KeySlots.All.Select(slot => new[] { slot.Name(), Cell(result.Before, slot), Cell(result.After, slot) }));
        List(text, evidence.DryRun ? "Would be done" : "Steps", result.Steps.Select(step => $"{(step.At is { } at ? $"{RotationEvidence.Text(at)} " : "")}{step.Text}"));
        List(text, "Probes", result.Probes.OrderBy(probe => probe.Key.Id, StringComparer.Ordinal).Select(probe => $"…{probe.Key.Id}: {Consequence.Of(probe.Value).Name}"));
        if (evidence.Fleet is { IsEmpty: false } fleet)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## Instances at {RotationEvidence.Text(fleet.At)}\n\n");
            Table(text, ["instance", "app", "region", "ring", "last seen"], fleet.Active.Concat(fleet.Idle).Select(row => Cells(fleet, row)));
        }

        if (result.Watched is { } watched)
        {
            text.Append("\n## Watch\n\n");
            Table(text, WatchReport.Columns, WatchReport.Rows(watched.Numbers));
            text.Append('\n').AppendJoin("", WatchReport.Lines(watched).Select(line => $"- {Plain(line)}\n"));
        }

        List(text, "Stages", (evidence.Leak?.Stages ?? []).Select(stage => string.Create(CultureInfo.InvariantCulture, $"{stage.Ended.TotalSeconds:0.0} s ({stage.Name}, due by minute {stage.Minute}): {stage.Result}")));
        List(text, "Warnings", result.Warnings);
        return text.ToString();
    }

    private static string Cell(ImmutableArray<SlotState>? slots, KeySlot slot) =>
        slots is { } all && all[(int)slot] is { Version: { } version } state ? $"{(state.Key is { } key ? $"…{key.Id}" : "empty")} ({version})" : "–";

    // One that is idle re-reads the keys before it serves.
    private static string[] Cells(FleetView fleet, FleetRow row) =>
    [
        row.Instance,
        row.App,
        row.Region,
        $"{row.Ring}, {(row.Ring == fleet.Newest ? "the newest" : "another")}{(fleet.Active.Contains(row) ? "" : "; idle")}",
        RotationEvidence.Text(row.LastSeen),
    ];

    private static void Table(StringBuilder text, string[] columns, IEnumerable<string[]> rows)
    {
        Row(text, columns);
        text.Append('|').Insert(text.Length, "---|", columns.Length).Append('\n');
        foreach (var row in rows)
        {
            Row(text, row);
        }
    }

    private static void Row(StringBuilder text, string[] cells) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(cell => Plain(cell).Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");

    private static void List(StringBuilder text, string title, IEnumerable<string> lines)
    {
        var all = lines.ToList();
        if (all.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n{string.Concat(all.Select(line => $"- {Plain(line)}\n"))}");
        }
    }

    // Tags, rows and names come from others.
    private static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
}
