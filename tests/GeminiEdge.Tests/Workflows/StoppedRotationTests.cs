namespace GeminiEdge.Tests.Workflows;

/// <summary>What the rotation workflow does at each end of its commands, some of which take minutes: here a stand-in for edgectl ends so at once.</summary>
public class StoppedRotationTests
{
    private const string Rotate = "rotate-gemini-key.yml";
    private const string WatchStep = "Watch, and roll back on evidence";
    private const string NoticeStep = "Say that a new SECONDARY is due";

    [Theory]
    [InlineData("keys", 4, false, "Key Vault Secrets Officer")]
    [InlineData("fleet", 1, false, "Run this workflow again")]
    [InlineData("promote", 1, false, "Run this workflow again")]
    [InlineData("promote", 2, true, "run this workflow again: it finishes the promotion")]
    [InlineData("promote", 3, false, "Nothing was promoted.")]
    [InlineData("confirm", 2, true, "Restart the instances that lag")]
    [InlineData("watch", 1, true, "`edgectl set SECONDARY`")]
    [InlineData("watch", 2, true, "`edgectl rollback`")]
    [InlineData("watch", 3, true, "`edgectl set PRIMARY`")]
    [InlineData("watch", 64, true, "Correct the repository's variable")]
    public async Task Command_EndsOtherwise_FailsTheJobSaysWhatToDoAndLeavesNoPromotionUnwatched(string command, int exitCode, bool watches, string advice)
    {
        await using var bed = await StartAsync(command, exitCode);

        var run = await bed.RunAsync(Rotate);

        var outcomes = (run.Conclusion, run.Outcome(WatchStep) != "skipped", run.Outcome(NoticeStep));
        Assert.Equal(("failure", watches, "skipped"), outcomes);
        var error = Assert.Single(run.Annotations, note => note.Kind == "error");
        Assert.Equal($"edgectl {command} ended with exit code {exitCode}", error.Title);
        Assert.StartsWith($"{command} is 100% over.\n", error.Text, StringComparison.Ordinal);
        Assert.Contains(advice, error.Text, StringComparison.Ordinal);
        Assert.Contains(advice, run.Summary, StringComparison.Ordinal);
        Assert.Equal(command is "keys", !run.Ran.Any(step => step.Name == "Show where the keys stand") && !run.Log.Contains("ran fleet", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rotate_BySchedule_PromotesPrimaryAndWatchesForHalfAnHour()
    {
        await using var bed = await StartAsync("nothing", 0);

        var run = await bed.RunAsync(Rotate);

        Assert.True(run.Conclusion == "success", run.Log);
        Assert.Contains($"ran promote --slot PRIMARY --report {run.Temp}/evidence/promote\n", run.Log, StringComparison.Ordinal);
        Assert.Contains("ran watch --for 30m\n", run.Log, StringComparison.Ordinal);
        Assert.Contains(run.Annotations, note => note is { Kind: "warning", Title: "edgectl promote", Text: "mind this." });
    }

    [Theory]
    [InlineData("Promote")]
    [InlineData(WatchStep)]
    public async Task Run_IsCancelled_SaysThatNobodyWatches(string step)
    {
        await using var bed = await StartAsync("nothing", 0);

        var run = await bed.RunAsync(Rotate, cancelledIn: step);

        Assert.Equal("cancelled", run.Conclusion);
        Assert.Contains(run.Annotations, note => note is { Kind: "warning", Title: "Stopped" } && note.Text.Contains("`edgectl watch`", StringComparison.Ordinal));
        Assert.DoesNotContain(run.Annotations, note => note.Kind == "notice");
        Assert.Contains("keys-after.json", bed.Artifact);
    }

    private static async Task<WorkflowBed> StartAsync(string command, int exitCode)
    {
        var bed = await WorkflowBed.StartAsync();
        bed.StandIn($$"""
            #!/usr/bin/env bash
            echo "ran $*" >&2
            [[ $1 != promote ]] || echo "Warning: mind this." >&2
            [[ $1 != {{command}} ]] || { echo "edgectl: $1 is 100% over." >&2; exit {{exitCode}}; }
            echo "{}"
            """);
        return bed;
    }
}
