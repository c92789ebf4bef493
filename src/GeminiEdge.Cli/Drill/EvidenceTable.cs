using System.Globalization;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Cli.Drill;

/// <summary>The evidence for people.</summary>
internal static class EvidenceTable
{
    public static void Print(Terminal terminal, Evidence evidence)
    {
        var load = evidence.Load;
        terminal.Print($"{load.Sent:N0} requests sent, {load.Answered:N0} answered, {load.Failed:N0} failed, in {(evidence.Ended - evidence.Started).TotalSeconds:0} s over {DrillPace.Instances} edges.");
        terminal.Print($"{load.FailedOver:N0} were answered after a failover within the request.");
        terminal.Print($"{load.Streams.Length:N0} were streams; {evidence.StreamsAcrossSwaps.Length:N0} of them were in flight while their edge swapped its keys, and {evidence.StreamsAcrossSwapsFinished:N0} of these finished.");

        terminal.Print("");
        terminal.Print($"Seconds until each edge had taken it in (refresh interval {Seconds(evidence.Pace.RefreshInterval)} s, bar {Seconds(evidence.Pace.Bar)} s)");
        terminal.Print(
            ["TIME (UTC)", "STEP", "SIGN", .. Enumerable.Range(1, DrillPace.Instances).Select(number => $"EDGE {number}"), "ALL", "BAR"],
            evidence.Steps.Select(step => Row(step, evidence.Pace.Bar)), "SIGN");

        terminal.Print("");
        terminal.Print("Which key answered when (UTC)");
        terminal.Print(["KEY_ID", "SLOTS", "ANSWERS", "FIRST", "LAST", "LAST USE AT GOOGLE"], evidence.Keys.Select(Row));

        terminal.Print("");
        terminal.Print("The last use of each key that was replaced in PRIMARY");
        terminal.Print(["KEY_ID", "REPLACED (UTC)", "LAST USE", "SECONDS AFTER", "BAR"], evidence.Retirements.Select(key => Row(key, evidence.Pace.Bar)));

        if (load.Faults.Length > 0)
        {
            terminal.Print("");
            terminal.Print(load.Failed > load.Faults.Length ? $"The first {load.Faults.Length} of the failed requests" : "The failed requests");
            terminal.Print(["TIME (UTC)", "EDGE", "REQUEST", "STATUS", "CODE"], load.Faults.Select(Row));
        }
    }

    private static Cell[] Row(StepEvidence step, TimeSpan bar) =>
    [
        Clock(step.Step.At),
        step.Step.Noticed is { } noticed ? $"{step.Step.Name}, {noticed} edges noticed; it is back" : step.Step.Name,
        step.Step.Sign,
        .. step.Took.Select(Took),
        Took(step.Slowest),
        Held(step.Slowest <= bar),
    ];

    private static Cell[] Row(KeyEvidence key) =>
    [
        key.KeyId,
        string.Join(", ", key.Slots.Select(write => $"{write.Slot.Name()}{TextLayout.Tied}{Clock(write.At, "HH:mm:ss")}")),
        $"{key.Answers?.Count ?? 0:N0}",
        Clock(key.Answers?.First),
        Clock(key.Answers?.Last),
        Clock(key.LastUse),
    ];

    private static Cell[] Row(Retirement key, TimeSpan bar) =>
        [key.KeyId, Clock(key.ReplacedAt), Clock(key.LastUse), Seconds(key.UsedFor), Held(key.UsedFor <= bar)];

    private static Cell[] Row(Exchange fault) =>
        [Clock(fault.Ended), $"{fault.Edge}", fault.Question.Name, $"{fault.Status}", fault.Fault!];

    private static Cell Held(bool isHeld) => isHeld ? new Cell("held", Tone.Good) : new Cell("MISSED", Tone.Bad);

    private static string Took(TimeSpan? time) => time is { } took ? Seconds(took) : "never";

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0#", CultureInfo.InvariantCulture);

    private static string Clock(DateTimeOffset? time, string format = "HH:mm:ss.fff") => time is { } at ? at.UtcDateTime.ToString(format, CultureInfo.InvariantCulture) : "";
}
