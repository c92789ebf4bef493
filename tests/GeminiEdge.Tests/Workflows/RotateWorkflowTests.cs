using System.Net;
using System.Text.Json.Nodes;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Tests.Workflows;

/// <summary>The steps of the rotation workflow, really run, on simulators and real edges under load.</summary>
[Collection(SharedCheckout.Name)]
public class RotateWorkflowTests(Checkout checkout)
{
    private const string Rotate = "rotate-gemini-key.yml";
    private const string WatchStep = "Watch, and roll back on evidence";

    private static Dictionary<string, object> Seconds => new() { ["watch"] = "6s" };

    [Fact]
    public async Task Rotate_ToAKeyThatWorks_PromotesConfirmsWatchesAndAsksForANewSecondary()
    {
        await using var bed = await WorkflowBed.StartAsync(checkout);
        var (former, next) = (bed.Cli.Put(KeySlot.Primary).Value[^4..], bed.Cli.Put(KeySlot.Secondary).Value[^4..]);
        await bed.StartEdgesAsync(2);

        var run = await bed.RunAsync(Rotate, Seconds);

        Assert.True(run.Conclusion == "success", run.Log);
        Assert.Equal((next, former), (bed.Cli.IdOf(KeySlot.Primary), bed.Cli.IdOf(KeySlot.Old)));
        Assert.All(bed.Answers, answer => Assert.Equal(HttpStatusCode.OK, answer));
        Assert.Equal(["confirm.txt", "fleet-after.json", "fleet-before.json", "keys-after.json", "keys-before.json", "promote.json", "promote.md", "watch.txt"], bed.Artifact);
        Assert.Equal([former, next], KeyIds(run.File("evidence", "keys-before.json")).Take(2));
        Assert.Equal([next, next], KeyIds(run.File("evidence", "keys-after.json")).Take(2));
        Assert.True(JsonNode.Parse(run.File("evidence", "fleet-after.json"))!["converged"]!.GetValue<bool>());
        var record = JsonNode.Parse(run.File("evidence", "promote.json"))!;
        Assert.Equal(("done", "octocat@github"), (record["outcome"]!.GetValue<string>(), record["operator"]!.GetValue<string>()));
        Assert.StartsWith("Converged: 2 active instances", record["convergence"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.StartsWith("Converged: 2 active instances", run.File("evidence", "confirm.txt"), StringComparison.Ordinal);
        Assert.StartsWith("Kept: ", run.File("evidence", "watch.txt"), StringComparison.Ordinal);
        Assert.Contains(run.Annotations, note => note is { Kind: "notice", Title: "A new SECONDARY is due" } && note.Text.Contains("edgectl set SECONDARY", StringComparison.Ordinal));
        Assert.Contains("**A new SECONDARY is due.**", run.Summary, StringComparison.Ordinal);
        Assert.Contains($"| PRIMARY | …{former}", run.Summary, StringComparison.Ordinal);
        Assert.Equal(2, bed.SignIns);
    }

    [Fact]
    public async Task Rotate_ToAKeyThatFailsInTraffic_IsRolledBackAndFailsWithTheReason()
    {
        await using var bed = await WorkflowBed.StartAsync(checkout);
        var former = bed.Cli.Put(KeySlot.Primary).Value[^4..];
        var bad = bed.Cli.Put(KeySlot.Secondary);
        bed.RefuseTraffic(bad);
        await bed.StartEdgesAsync(2);

        var run = await bed.RunAsync(Rotate, new() { ["watch"] = "2m" });

        Assert.True((run.Outcome("Confirm"), run.Outcome(WatchStep), run.Conclusion) == ("success", "failure", "failure"), run.Log);
        Assert.Equal((former, bad.Value[^4..]), (bed.Cli.IdOf(KeySlot.Primary), bed.Cli.IdOf(KeySlot.Secondary)));
        Assert.All(bed.Answers, answer => Assert.Equal(HttpStatusCode.OK, answer));
        var error = Assert.Single(run.Annotations, note => note.Kind == "error");
        Assert.Equal("edgectl watch ended with exit code 1", error.Title);
        Assert.Contains($"Rolled back by itself, because 2 of 2 active instances hold …{bad.Value[^4..]} rejected", error.Text, StringComparison.Ordinal);
        Assert.Contains("store another with `edgectl set SECONDARY`", error.Text, StringComparison.Ordinal);
        Assert.Contains(error.Text.Split('\n')[0], run.Summary, StringComparison.Ordinal);
        Assert.DoesNotContain(run.Annotations, note => note.Kind == "notice");
        Assert.Equal(former, KeyIds(run.File("evidence", "keys-after.json"))[0]);
        Assert.Contains("watch.txt", bed.Artifact);
    }

    [Fact]
    public async Task Rotate_NoStandbyIsStored_IsRefusedBeforeAnythingIsWritten()
    {
        await using var bed = await WorkflowBed.StartAsync(checkout);
        bed.Cli.Put(KeySlot.Primary);

        var run = await bed.RunAsync(Rotate);

        Assert.Equal(("failure", "failure", "skipped"), (run.Conclusion, run.Outcome("Promote"), run.Outcome(WatchStep)));
        Assert.Contains("SECONDARY is empty", Assert.Single(run.Annotations, note => note.Kind == "error").Text, StringComparison.Ordinal);
        Assert.Null(bed.Cli.IdOf(KeySlot.Old));
        Assert.Contains("keys-after.json", bed.Artifact);
    }

    [Fact]
    public async Task Rotate_DryRun_WritesNothingAndSaysWhatItWould()
    {
        await using var bed = await WorkflowBed.StartAsync(checkout);
        bed.Cli.Put(KeySlot.Primary);
        bed.Cli.Put(KeySlot.Slot3);
        bed.Cli.Put(KeySlot.Secondary);

        var run = await bed.RunAsync(Rotate, new() { ["dry-run"] = true, ["slot"] = "3" });

        Assert.True(run.Conclusion == "success", run.Log);
        Assert.Equal((0, "skipped", "skipped"), (bed.Cli.Vault.WriteCount, run.Outcome("Confirm"), run.Outcome(WatchStep)));
        Assert.Contains("would: 3 := SECONDARY", run.Log, StringComparison.Ordinal);
        Assert.True(JsonNode.Parse(run.File("evidence", "promote.json"))!["dry_run"]!.GetValue<bool>());
        Assert.DoesNotContain(run.Annotations, note => note.Kind == "notice");
    }

    private static string?[] KeyIds(string json) => [.. JsonNode.Parse(json)!["slots"]!.AsArray().Select(slot => (string?)slot!["key_id"])];
}
