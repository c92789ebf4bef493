using GeminiEdge.Cli;
using GeminiEdge.Cli.Drill;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;

namespace GeminiEdge.Tests.Cli;

/// <summary>What a drill may have seen, good and bad, with the longest words that it has.</summary>
internal static class DrillSamples
{
    private static readonly DateTimeOffset Began = new(2026, 11, 29, 21, 4, 5, TimeSpan.Zero);

    private static readonly string[] Steps =
    [
        "rotation 1: promote", "rotation 1: new SECONDARY", "by hand: a new PRIMARY", "PRIMARY dies, its successor is in the vault",
        "PRIMARY dies, nothing is in the vault", "the vault is away for 10 s", "rollback",
    ];

    private static readonly string[] KeyIds = ["F0TV", "x1PY", "zZzP"];

    private static readonly string[] Signs = ["ring", "another key answers", "the vault is read again"];

    /// <summary>Prints all that a drill can print at its end.</summary>
    public static void Print(Terminal terminal)
    {
        var evidence = Whole();
        EvidenceTable.Print(terminal, evidence);
        DrillEnd.Report(terminal, json: false, evidence.Passed);
        DrillEnd.Report(terminal, json: false, evidence.Passed, [.. evidence.Faults]);
        var leak = new LeakEvidence("x1PY", TimeSpan.FromSeconds(12.3), 11.9, 2, 1, 3, 10, "key_invalid", IsDeleted: false, evidence.Load);
        leak.Print(terminal);
        DrillEnd.Report(terminal, json: false, leak.Passed, [.. leak.Faults]);
    }

    private static Evidence Whole() => new()
    {
        Started = Began,
        Ended = Began.AddSeconds(62),
        Pace = DrillPace.Quick,
        Load = new LoadResult(59_885, 59_882, 3, 1_204, [.. Faults()], [], System.Collections.Immutable.ImmutableDictionary<string, KeyAnswers>.Empty),
        Steps = [.. Steps.Select((name, i) => new StepEvidence(
            new DrillStep(name, Began.AddSeconds(7 * i), Signs[i % Signs.Length], _ => null)
            {
                Noticed = name.StartsWith("the vault", StringComparison.Ordinal) ? 4 : null,
                Command = name == "rollback" ? new RotationResult(RotationOutcome.Refused, "OLD is empty: there is nothing to roll back to.") : null,
            },
            [TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(1.23), TimeSpan.FromSeconds(1.99), i % 2 == 0 ? TimeSpan.FromSeconds(2.51) : null]))],
        Keys = [.. KeyIds.Select((id, i) => new KeyEvidence(
            id,
            [new(Began.AddSeconds(i), KeySlot.Secondary, id), new(Began.AddSeconds(9 + i), KeySlot.Primary, id), new(Began.AddSeconds(20 + i), KeySlot.Old, id), new(Began.AddSeconds(40 + i), KeySlot.Primary, id)],
            new KeyAnswers(12_345, Began, Began.AddSeconds(44)),
            Began.AddSeconds(45)))],
        Retirements = [new("F0TV", Began, Began.AddSeconds(1.5)), new("x1PY", Began, Began.AddSeconds(4.5))],
        StreamsAcrossSwaps = [],
    };

    private static IEnumerable<Exchange> Faults() =>
    [
        new(1, Question.LongNativeStream, Began, Began.AddSeconds(1), null, null, 0, "connection: ConnectionError"),
        new(4, Question.Whole, Began, Began.AddSeconds(60), 502, "F0TV", 3, "no answer within 60 s"),
    ];
}
