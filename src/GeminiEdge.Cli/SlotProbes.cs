using System.Collections.Immutable;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Cli;

/// <summary>Asks each key once, all at the same time.</summary>
internal static class SlotProbes
{
    public static async Task<ImmutableArray<SlotView>> ProbeAsync(KeyProbe probe, ImmutableArray<SlotView> slots, CancellationToken cancellationToken)
    {
        var probes = new Dictionary<ApiKey, Task<ProbeResult>>();
        foreach (var view in slots.Where(view => view.MayProbe))
        {
            var key = view.Slot.Key!;
            if (!probes.ContainsKey(key))
            {
                probes.Add(key, probe.ProbeAsync(view.Slot.Slot, key, view.Slot.Version, cancellationToken));
            }
        }

        await Task.WhenAll(probes.Values);
        return [.. slots.Select(view => view.MayProbe ? view with { Probe = probes[view.Slot.Key!].Result } : view)];
    }
}
