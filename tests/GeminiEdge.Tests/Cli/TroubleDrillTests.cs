namespace GeminiEdge.Tests.Cli;

/// <summary>`edgectl drill` of what goes wrong, with real edges, and nothing left behind when it is stopped.</summary>
public sealed class TroubleDrillTests(TroubleDrills drills) : IClassFixture<TroubleDrills>
{
    [Theory]
    [InlineData("--bad-key", true)]
    [InlineData("--outage", false)]
    public void Drill_OfARotationWithTrouble_IsRolledBackOnlyWhereTheKeyIsToBlame(string option, bool isRolledBack)
    {
        var evidence = DrillEvidence.Of(option == "--outage" ? drills.Outage : drills.BadKey);

        Assert.Equal((0, isRolledBack), (evidence["failed"]!.GetValue<int>(), evidence["rolled_back"]!.GetValue<bool>()));
        Assert.Equal(!isRolledBack, evidence["failed_in_outage"]!.GetValue<int>() > 0);
        Assert.InRange(evidence["sent"]!.GetValue<int>(), 1000, int.MaxValue);
    }

    [Fact]
    public void Drill_OfALeak_ContainsItWithinAMinuteAndNoRequestFails()
    {
        var evidence = DrillEvidence.Of(drills.Leak);

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
}
