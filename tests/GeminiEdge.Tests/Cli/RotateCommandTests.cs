using System.Text.Json.Nodes;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Fleet;

namespace GeminiEdge.Tests.Cli;

/// <summary>`rotate` and `watch` with a real edge under traffic.</summary>
[Collection(SharedAzurite.Name)]
public sealed class RotateCommandTests(Azurite azurite) : IDisposable
{
    private readonly string _app = $"app-{Guid.NewGuid():N}";
    private readonly DirectoryInfo _temp = Directory.CreateTempSubdirectory("rotate-test-");

    public void Dispose() => _temp.Delete(recursive: true);

    [Fact]
    public async Task Rotate_TheNewKeyDoesWell_IsKeptAndRecordedAndWatchUndoesItLaterOnEvidence()
    {
        await using var bed = await StartAsync();
        var (former, standby) = (bed.Put(KeySlot.Primary).Value[^4..], bed.Put(KeySlot.Secondary));
        var next = standby.Value[^4..];
        await using var edge = await LiveEdge.StartAsync(bed, azurite, _app);
        var began = TimeProvider.System.GetUtcNow();

        var run = await bed.RunAsync("rotate", "--for", "2s", "--refresh-interval", "00:00:01", "--json", "--report", Stem("kept"));

        run.AssertEnded(0);
        Assert.Equal((0, next, former), (edge.Failed, bed.IdOf(KeySlot.Primary), bed.IdOf(KeySlot.Old)));
        var record = Record("kept");
        Assert.Equal(("rotate", "done"), (Text(record, "command"), Text(record, "outcome")));
        Assert.Equal("Converged: 1 active instance holds the newest ring.", Text(record, "convergence"));
        var instance = Assert.Single(record["instances"]!.AsArray())!;
        Assert.Equal(("edge-1", "West Europe"), (Text(instance, "instance"), Text(instance, "region")));
        Assert.True(instance["is_newest_ring"]!.GetValue<bool>());
        Assert.InRange(instance["last_seen"]!.GetValue<DateTimeOffset>(), began.AddMinutes(-1), TimeProvider.System.GetUtcNow());

        // It was in use as PRIMARY, until it was replaced.
        Assert.Equal(former, Text(record, "former_key_id"));
        var use = Assert.Single(record["uses_of_the_former_key"]!.AsArray())!;
        Assert.Equal(("PRIMARY", 1), (Text(use, "slot"), use["instances"]!.GetValue<int>()));
        Assert.InRange(use["attempts_in_the_last_hour"]!.GetValue<long>(), 1, long.MaxValue);
        Assert.StartsWith($"{Text(use, "last_minute")} as PRIMARY (…{former}; ", Text(record, "last_use_of_the_former_key"), StringComparison.Ordinal);
        Assert.StartsWith($"none: OLD keeps …{former} until ", Text(record, "proof_that_it_stopped_working"), StringComparison.Ordinal);

        var watch = record["watch"]!;
        Assert.Equal(("keep", next, former), (Text(watch, "verdict"), Text(watch, "promoted_key_id"), Text(watch, "former_key_id")));
        Assert.True(watch["baseline_was_saved"]!.GetValue<bool>());
        Assert.InRange(watch["baseline"]!["attempts"]!.GetValue<long>(), 1, long.MaxValue);
        Assert.Equal("keep", Text(run.Json["watch"]!, "verdict"));
        Assert.Contains("| edge-1 |", Markdown("kept"), StringComparison.Ordinal);
        Assert.Contains($"| …{next}, promoted, since then |", Markdown("kept"), StringComparison.Ordinal);

        // `watch` looks at the same promotion: it keeps it, is stopped, and finds evidence.
        var again = await bed.RunAsync("watch", "--for", "1s", "--report", Stem("kept-again"));
        var stopped = bed.Start("watch", "--for", "2m", "--report", Stem("stopped"));
        await stopped.SaysAsync("Watching PRIMARY");
        stopped.Interrupt();
        await bed.EndAsync(stopped);
        standby.SetState(LiveEdge.Model, SandboxKeyState.Blocked);
        var undone = await bed.RunAsync("watch", "--for", "2m", "--refresh-interval", "00:00:01", "--report", Stem("undone"));

        again.AssertEnded(0);
        stopped.AssertEnded(130);
        undone.AssertEnded(1);
        Assert.Equal((0, former), (edge.Failed, bed.IdOf(KeySlot.Primary)));
        AssertRecord("kept-again", "done", former);
        AssertRecord("stopped", "stopped", former);
        AssertRecord("undone", "failed", next);
        Assert.Equal("edge-1", Text(Assert.Single(Record("kept-again")["instances"]!.AsArray())!, "instance"));
        Assert.Equal("keep", Text(Record("kept-again")["watch"]!, "verdict"));
        Assert.Equal("roll_back", Text(Record("undone")["watch"]!, "verdict"));
        Assert.Contains("1 of 1 active instances hold", Markdown("undone"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotate_TheNewKeyFailsInTraffic_IsRolledBackAndRecordedWithTheProof()
    {
        await using var bed = await StartAsync();
        var (former, failing) = (bed.Put(KeySlot.Primary).Value[^4..], bed.Put(KeySlot.Secondary));
        failing.SetState(LiveEdge.Model, SandboxKeyState.Blocked);
        await using var edge = await LiveEdge.StartAsync(bed, azurite, _app);

        var run = await bed.RunAsync("rotate", "--for", "2m", "--refresh-interval", "00:00:01", "--report", Stem("undone"));

        var failed = failing.Value[^4..];
        run.AssertEnded(1);
        Assert.Equal((0, former, "none"), (edge.Failed, bed.IdOf(KeySlot.Primary), bed.IdOf(KeySlot.Old)));
        Assert.Contains($"Rolled back by itself, because 1 of 1 active instances hold …{failed} rejected", run.Errors, StringComparison.Ordinal);
        var record = Record("undone");
        Assert.Equal(("failed", failed), (Text(record, "outcome"), Text(record, "former_key_id")));
        Assert.Equal(("roll_back", "edge-1"), (Text(record["watch"]!, "verdict"), record["watch"]!["rejecting"]![0]!.GetValue<string>()));
        Assert.Equal($"1 of 1 instances hold …{failed} rejected, by Google's answers in traffic", Text(record, "proof_that_it_stopped_working"));
        Assert.NotEqual(Text(record["watch"]!, "promotion"), Text(record, "rotation"));
        var steps = record["steps"]!.AsArray().Select(step => Text(step!, "text")).ToList();
        Assert.Contains($"PRIMARY := SECONDARY (…{failed})", steps);
        Assert.Contains($"PRIMARY := OLD (…{former}) in place of …{failed}", steps);
        Assert.Equal(former, Text(record["slots_before"]![0]!, "key_id"));
        Assert.Equal(former, Text(record["slots_after"]![0]!, "key_id"));
    }

    [Fact]
    public async Task Rotate_CtrlCInTheWatchThenAgain_GoesOnWatchingAndPromotesNoSecondTime()
    {
        await using var bed = await StartAsync();
        var (former, next) = (bed.Put(KeySlot.Primary).Value[^4..], bed.Put(KeySlot.Secondary).Value[^4..]);
        await using var edge = await LiveEdge.StartAsync(bed, azurite, _app);
        var stopped = bed.Start("rotate", "--for", "6s", "--refresh-interval", "00:00:01", "--report", Stem("stopped"));
        await stopped.SaysAsync("Watching PRIMARY");

        stopped.Interrupt();
        await bed.EndAsync(stopped);
        var resumed = await bed.RunAsync("rotate", "--refresh-interval", "00:00:01", "--report", Stem("resumed"));
        var third = await bed.RunAsync("rotate", "--refresh-interval", "00:00:01");

        stopped.AssertEnded(130);
        Assert.Empty(stopped.Output);
        var (first, second) = (Record("stopped"), Record("resumed"));
        Assert.Equal(("stopped", former), (Text(first, "outcome"), Text(first, "former_key_id")));
        Assert.Contains($"PRIMARY := SECONDARY (…{next})", first["steps"]!.AsArray().Select(step => Text(step!, "text")));
        Assert.Equal(next, Text(first["slots_after"]![0]!, "key_id"));

        resumed.AssertEnded(0);
        Assert.Contains("was not watched to the end: going on with that", resumed.Errors, StringComparison.Ordinal);
        Assert.StartsWith("Kept: ", resumed.Output, StringComparison.Ordinal);
        Assert.Equal((next, former), (bed.IdOf(KeySlot.Primary), bed.IdOf(KeySlot.Old)));
        Assert.Equal([former, next], bed.Vault.Versions(KeySlot.Primary.Secret()).Select(version => version.Value[^4..]));
        Assert.Equal((Text(first, "rotation"), former), (Text(second, "rotation"), Text(second, "former_key_id")));

        // That one was watched to the end.
        third.AssertEnded(3);
        Assert.Contains("there is nothing to promote", third.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotate_OldIsNotExpired_NeedsReplaceOld()
    {
        await using var bed = await StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        bed.Put(KeySlot.Old, expires: TimeProvider.System.GetUtcNow().AddHours(1));

        var (refused, would) = (await bed.RunAsync("rotate", "--dry-run"), await bed.RunAsync("rotate", "--dry-run", "--replace-old"));

        refused.AssertEnded(3);
        would.AssertEnded(0);
        Assert.Equal(0, bed.Vault.WriteCount);
        Assert.Contains("--replace-old", refused.Errors, StringComparison.Ordinal);
    }

    private async Task<CliBed> StartAsync()
    {
        var bed = await CliBed.StartAsync();

        // The edge's clock is the system's.
        bed.Time.TakesItsTime = true;
        bed.Use(azurite, _app);
        return bed;
    }

    private string Stem(string name) => Path.Combine(_temp.FullName, name);

    private string Markdown(string name) => File.ReadAllText($"{Stem(name)}.md");

    private JsonNode Record(string name) => JsonNode.Parse(File.ReadAllText($"{Stem(name)}.json"))!;

    private void AssertRecord(string name, string outcome, string formerKeyId) =>
        Assert.Equal((outcome, formerKeyId), (Text(Record(name), "outcome"), Text(Record(name), "former_key_id")));

    private static string? Text(JsonNode node, string name) => node[name]?.GetValue<string>();
}
