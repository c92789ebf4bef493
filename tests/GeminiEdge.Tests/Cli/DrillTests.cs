using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GeminiEdge.Tests.Cli;

/// <summary>The whole promise at once: `edgectl drill` with real edges, and nothing left behind when it is stopped.</summary>
[Collection(nameof(DrillTests))]
public sealed partial class DrillTests(Drills drills)
{
    [Fact]
    public void Drill_Quick_NoRequestFailsAndEveryEdgeConverges()
    {
        var evidence = Evidence(drills.Whole);
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

    [Theory]
    [InlineData("--bad-key", true)]
    [InlineData("--outage", false)]
    public void Drill_OfARotationWithTrouble_IsRolledBackOnlyWhereTheKeyIsToBlame(string option, bool isRolledBack)
    {
        var evidence = Evidence(option == "--outage" ? drills.Outage : drills.BadKey);

        Assert.Equal((0, isRolledBack), (evidence["failed"]!.GetValue<int>(), evidence["rolled_back"]!.GetValue<bool>()));
        Assert.Equal(!isRolledBack, evidence["failed_in_outage"]!.GetValue<int>() > 0);
        Assert.InRange(evidence["sent"]!.GetValue<int>(), 1000, int.MaxValue);
    }

    [Fact]
    public void Drill_OfALeak_ContainsItWithinAMinuteAndNoRequestFails()
    {
        var evidence = Evidence(drills.Leak);

        Assert.Equal((0, 0, 0, 10), (evidence["failed"]!.GetValue<int>(), evidence["readable_versions_with_it"]!.GetValue<int>(), evidence["rings_with_it"]!.GetValue<int>(), evidence["instances"]!.GetValue<int>()));
        Assert.InRange(evidence["sent"]!.GetValue<int>(), 500, int.MaxValue);
        Assert.Equal(("key_invalid", true), (evidence["leaked_key_verdict"]!.GetValue<string>(), evidence["deleted_at_google"]!.GetValue<bool>()));

        // The key was in use until then, and the register tells what Gemini does, from the moment at which the command's process ran.
        var contained = evidence["contained_s"]!.GetValue<double>();
        Assert.InRange(contained, 1, 60);
        Assert.InRange(evidence["contained_s_by_the_register"]!.GetValue<double>(), 0.1, contained + 0.5);
    }

    [Fact]
    public async Task Drill_IsStopped_LeavesNothingBehind()
    {
        (string Signal, StartedDrill Drill)[] stopped = [("-INT", new StartedDrill().Start()), ("-HUP", new StartedDrill().Start())];
        foreach (var (signal, drill) in stopped)
        {
            while (drill.Edges() < 4)
            {
                Assert.False(drill.Run.HasExited, "It ended before its edges ran.");
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            }

            drill.Run.Signal(signal);
            await drill.EndAsync();

            Assert.Equal((signal, 130, 0, ""), (signal, drill.Run.ExitCode, drill.EdgesLeft, drill.Run.Output));
            Assert.Empty(drill.Files());
            drill.Dispose();
        }
    }

    /// <summary>What it has printed, once it is certain that it went well and told no key.</summary>
    private static JsonObject Evidence(StartedDrill drill)
    {
        Assert.True(drill.Run.ExitCode == 0, $"exit {drill.Run.ExitCode}\n{drill.Run.Output}\n{drill.Run.Errors}");
        Assert.Equal(0, drill.EdgesLeft);
        Assert.Empty(drill.Files());
        AssertNoKey(drill.Run);
        return drill.Run.Json;
    }

    private static DateTimeOffset Time(JsonNode? node, string name) => DateTimeOffset.Parse(node![name]!.GetValue<string>(), CultureInfo.InvariantCulture);

    // The drill makes its keys up, so they are known by their looks: how they begin, and eight characters in a row that only chance writes.
    private static void AssertNoKey(CliRun run)
    {
        // A folder's random name looks like one, too.
        foreach (var text in new[] { run.Output, run.Errors }.Select(text => FolderName().Replace(text, "")))
        {
            Assert.DoesNotMatch(@"AQ\.|AIza|[0-9a-f]{32}", text);
            Assert.DoesNotMatch("(?=[A-Za-z_-]*[0-9])(?=[a-z0-9_-]*[A-Z])(?=[A-Z0-9_-]*[a-z])[A-Za-z0-9_-]{8}", text);
        }
    }

    [GeneratedRegex("drill-test-[A-Za-z0-9]+|edgectl-leak-[A-Za-z0-9]+")]
    private static partial Regex FolderName();
}
