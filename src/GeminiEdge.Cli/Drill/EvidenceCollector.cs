using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Cli.Drill;

/// <summary>Puts together what the vault, the edges, the upstream and the load have seen.</summary>
internal sealed class EvidenceCollector(DrillBed bed, DrillPace pace)
{
    public Evidence Collect(DateTimeOffset started, DateTimeOffset ended, LoadResult load, ImmutableArray<DrillStep> steps) => new()
    {
        Started = started,
        Ended = ended,
        Pace = pace,
        Load = load,
        Steps = [.. steps.Select(step => new StepEvidence(step, [.. bed.Edges.Select(edge => step.Reached(edge) - step.At)]))],
        Keys = [.. bed.Writes.All.Where(write => write.KeyId is not null).GroupBy(write => write.KeyId!).Select(key => OfKey(key.Key, [.. key], load))],
        Retirements = [.. Retirements()],
        StreamsAcrossSwaps = [.. load.Streams.Where(IsAcrossSwap)],
    };

    private KeyEvidence OfKey(string keyId, ImmutableArray<SlotWrite> slots, LoadResult load) =>
        new(keyId, slots, load.Keys.GetValueOrDefault(keyId), bed.Uses.LastBefore(keyId, DateTimeOffset.MaxValue));

    private IEnumerable<Retirement> Retirements()
    {
        var all = bed.Writes.All;
        var primaries = all.Where(write => write.Slot == KeySlot.Primary).ToList();
        foreach (var (before, after) in primaries.Zip(primaries.Skip(1)))
        {
            // A rollback brings a key back; from then on it is used by right.
            var back = all.FirstOrDefault(write => write.At > after.At && write.KeyId == before.KeyId && write.Slot != KeySlot.Old);
            yield return new Retirement(before.KeyId!, after.At, bed.Uses.LastBefore(before.KeyId!, back?.At ?? DateTimeOffset.MaxValue));
        }
    }

    private bool IsAcrossSwap(Exchange stream) => bed.Edges[stream.Edge - 1].Lines.Kept
        .Any(line => line.Name == "ring_changed" && line.At > stream.Began && line.At < stream.Ended);
}
