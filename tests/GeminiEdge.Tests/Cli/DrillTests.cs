using System.Globalization;
using System.Text.Json.Nodes;

namespace GeminiEdge.Tests.Cli;

/// <summary>The whole promise at once: `edgectl drill` with real edges, under load and held to times.</summary>
[Collection(nameof(DrillTests))]
public sealed class DrillTests(Drills drills)
{
    [Fact]
    public void Drill_Quick_NoRequestFailsAndEveryEdgeConverges()
    {
        var evidence = DrillEvidence.Of(drills.Whole);
        Assert.Equal(0, evidence["failed"]!.GetValue<int>());
        Assert.InRange(evidence["sent"]!.GetValue<int>(), 50_000, int.MaxValue);
        Assert.Equal(evidence["sent"]!.GetValue<int>(), evidence["answered"]!.GetValue<int>());
        Assert.InRange(evidence["failed_over"]!.GetValue<int>(), 1, int.MaxValue);

        // Streams that a swap met have all finished, and swaps did meet some.
        Assert.InRange(evidence["streams_across_swaps"]!.GetValue<int>(), 1, int.MaxValue);
        Assert.Equal(evidence["streams_across_swaps"]!.GetValue<int>(), evidence["streams_across_swaps_finished"]!.GetValue<int>());

        var steps = evidence["steps"]!.AsArray();
        Assert.Equal(11, steps.Count);
        Assert.All(steps, step => Assert.True(
            step!["converged"]!.GetValue<bool>() && step["holds_bar"]!.GetValue<bool>() && step["seconds_by_instance"]!.AsArray().Count == 4, step.ToJsonString()));
        Assert.Equal(4, steps.Single(step => step!["noticed_by"] is not null)!["noticed_by"]!.GetValue<int>());

        var bar = TimeSpan.FromSeconds(evidence["bar_s"]!.GetValue<double>());
        var replaced = evidence["replaced_keys"]!.AsArray();
        Assert.Equal(6, replaced.Count);
        Assert.All(replaced, key => Assert.True(Time(key, "last_use") <= Time(key, "replaced") + bar, key!.ToJsonString()));
    }

    private static DateTimeOffset Time(JsonNode? node, string name) => DateTimeOffset.Parse(node![name]!.GetValue<string>(), CultureInfo.InvariantCulture);
}
