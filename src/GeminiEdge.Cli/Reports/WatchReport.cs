using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Reports;

/// <summary>What a watch found, and the numbers that it compared.</summary>
internal static class WatchReport
{
    public static readonly string[] Columns = ["key", "attempts", "key and quota", "at Google", "failed requests"];

    public static IEnumerable<string[]> Rows(WatchNumbers numbers) =>
    [
        Row($"…{numbers.Promotion.KeyId}, promoted, since then", numbers.Promoted),
        Row($"…{numbers.Promotion.FormerId}, former, in the half hour before", numbers.Baseline),
        Row($"…{numbers.Promotion.FormerId}, former, since then", numbers.Former),
        Row("all but the promoted one, since then", numbers.Others),
    ];

    public static IEnumerable<string> Lines(WatchVerdict watched) =>
    [
        $"verdict: {Name(watched.Decision)}, because {watched.Reason}",
        $"promotion: {watched.Numbers.Promotion.Rotation}, of {watched.Numbers.Promotion.Slot.Name()} at {RotationEvidence.Text(watched.Numbers.Promotion.At)}",
        $"baseline: {Source(watched.Numbers.Promotion)}",
        Rejecting(watched.Numbers.Promotion.KeyId, watched.Numbers.Rejecting, watched.Numbers.Active),
        Rejecting(watched.Numbers.Promotion.FormerId, watched.Numbers.RejectingFormer, watched.Numbers.Active),
    ];

    /// <summary>Nothing of a command that watched nothing.</summary>
    public static void Write(Utf8JsonWriter json, WatchVerdict? watched)
    {
        if (watched is not { Numbers: { Promotion: var promotion } numbers })
        {
            return;
        }

        json.WriteStartObject("watch");
        json.WriteString("promotion", promotion.Rotation);
        json.WriteString("slot", promotion.Slot.Name());
        json.WriteString("promoted_at", RotationEvidence.Text(promotion.At));
        json.WriteString("promoted_key_id", promotion.KeyId);
        json.WriteString("former_key_id", promotion.FormerId);
        json.WriteString("verdict", Name(watched.Decision));
        json.WriteString("reason", watched.Reason);
        WriteTotals(json, "promoted", numbers.Promoted);
        WriteTotals(json, "baseline", numbers.Baseline);
        json.WriteBoolean("baseline_was_saved", promotion.Before is not null);
        WriteTotals(json, "former", numbers.Former);
        WriteTotals(json, "others", numbers.Others);
        json.WriteNumber("active", numbers.Active);
        WriteNames(json, "rejecting", numbers.Rejecting);
        WriteNames(json, "rejecting_former", numbers.RejectingFormer);
        json.WriteEndObject();
    }

    private static string Name(WatchDecision decision) => decision switch
    {
        WatchDecision.RollBack => "roll_back",
        WatchDecision.Outage => "outage",
        _ => "keep",
    };

    private static string Source(Promotion promotion) => promotion.Before is not null ? "saved before the promotion" : "not saved; by the register's rows, which go back an hour";

    private static string Rejecting(string keyId, ImmutableArray<string> instances, int active) =>
        $"{instances.Length} of {active} active instances hold …{keyId} rejected{(instances.IsEmpty ? "" : $": {string.Join(", ", instances)}")}";

    private static string[] Row(string name, KeyTotals totals) =>
        [name, Count(totals.Attempts), Count(totals.KeyAndQuota), Count(totals.Upstream), Count(totals.FailedRequests)];

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static void WriteTotals(Utf8JsonWriter json, string name, KeyTotals totals)
    {
        json.WriteStartObject(name);
        json.WriteNumber("attempts", totals.Attempts);
        json.WriteNumber("key_and_quota", totals.KeyAndQuota);
        json.WriteNumber("upstream", totals.Upstream);
        json.WriteNumber("failed_requests", totals.FailedRequests);
        json.WriteEndObject();
    }

    private static void WriteNames(Utf8JsonWriter json, string name, ImmutableArray<string> names)
    {
        json.WriteStartArray(name);
        foreach (var instance in names)
        {
            json.WriteStringValue(instance);
        }

        json.WriteEndArray();
    }
}
