using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.KeyVault;

namespace GeminiEdge.Tests.Cli;

public class RotationCommandTests
{
    [Fact]
    public async Task Command_TheVaultTakesTooLongForTheFirstLook_LooksOnceMore()
    {
        await using var bed = await CliBed.StartAsync();
        bed.Put(KeySlot.Primary);
        var (held, looks) = (new TaskCompletionSource(), 0);
        bed.Vault.OnRequest = request => request.Operation == KeyVaultOperation.ListVersions && Interlocked.Increment(ref looks) == 1 ? KeyVaultFault.HeldUntil(held.Task) : null;

        var run = await bed.RunAsync("purge");
        held.SetResult();

        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("The vault took too long to answer: once more.", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Promote_ThenRollback_MovesTheKeysThereAndBack()
    {
        await using var bed = await CliBed.StartAsync();
        var (former, next) = (bed.Put(KeySlot.Primary).Value[^4..], bed.Put(KeySlot.Secondary).Value[^4..]);

        var promote = await bed.RunAsync("promote", "--refresh-interval", "00:00:01");
        var promoted = (bed.IdOf(KeySlot.Primary), bed.IdOf(KeySlot.Old));
        var rollback = await bed.RunAsync("rollback", "--refresh-interval", "00:00:01", "--json");

        Assert.Equal((0, next, former), (promote.ExitCode, promoted.Item1, promoted.Item2));
        Assert.Contains($"PRIMARY := SECONDARY (…{next})", promote.Output, StringComparison.Ordinal);
        Assert.Contains("A new SECONDARY is due", promote.Output, StringComparison.Ordinal);
        Assert.Contains("Waiting", promote.Errors, StringComparison.Ordinal);
        Assert.Contains("Warning: ", promote.Errors, StringComparison.Ordinal);
        Assert.Equal((0, former, "none"), (rollback.ExitCode, bed.IdOf(KeySlot.Primary), bed.IdOf(KeySlot.Old)));
        Assert.Equal("done", rollback.Json["outcome"]!.GetValue<string>());
        Assert.NotEmpty(rollback.Json["steps"]!.AsArray());
        Assert.NotEmpty(rollback.Json["rotation"]!.GetValue<string>());
    }

    [Fact]
    public async Task Promote_OfSlot3_LeavesPrimary()
    {
        await using var bed = await CliBed.StartAsync();
        var (primary, next) = (bed.Put(KeySlot.Primary).Value[^4..], bed.Put(KeySlot.Secondary).Value[^4..]);
        bed.Put(KeySlot.Slot3);

        var run = await bed.RunAsync("promote", "--slot", "3", "--refresh-interval", "00:00:01");

        Assert.Equal((0, primary, next), (run.ExitCode, bed.IdOf(KeySlot.Primary), bed.IdOf(KeySlot.Slot3)));
    }

    [Theory]
    [InlineData("promote")]
    [InlineData("rollback")]
    [InlineData("purge")]
    public async Task Rotation_DryRun_SaysWhatItWouldDoAndWritesNothing(string command)
    {
        await using var bed = await CliBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        bed.Put(KeySlot.Old, tags: new Dictionary<string, string> { ["promoted-from"] = "PRIMARY", ["state"] = "old" },
            expires: TimeProvider.System.GetUtcNow().AddHours(command == "purge" ? -1 : 1));

        var run = await bed.RunAsync([command, "--dry-run", "--json", .. command == "promote" ? ["--replace-old"] : Array.Empty<string>()]);

        Assert.Equal((0, 0), (run.ExitCode, bed.Vault.WriteCount));
        Assert.True(run.Json["dry_run"]!.GetValue<bool>());
        Assert.Contains(run.Json["steps"]!.AsArray(), step => step!.GetValue<string>().Contains("OLD", StringComparison.Ordinal));
        Assert.NotEmpty(bed.Gemini.Requests);
    }

    [Theory]
    [InlineData("SECONDARY is empty", "promote")]
    [InlineData("OLD is empty", "rollback")]
    [InlineData("is kept until", "promote", "--slot", "9")]
    public async Task Rotation_CannotBegin_IsRefusedWithTheReason(string reason, params string[] arguments)
    {
        await using var bed = await CliBed.StartAsync();
        if (arguments.Length > 1)
        {
            bed.Put(KeySlot.Secondary);
            bed.Put(KeySlot.Slot9);
            bed.Put(KeySlot.Old, expires: TimeProvider.System.GetUtcNow().AddHours(1));
        }

        var run = await bed.RunAsync([.. arguments, "--dry-run"]);

        Assert.Equal((3, ""), (run.ExitCode, run.Output));
        Assert.Contains(reason, run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Purge_NothingIsDue_IsDone()
    {
        await using var bed = await CliBed.StartAsync();
        var old = bed.Put(KeySlot.Old, expires: TimeProvider.System.GetUtcNow().AddHours(1));

        var run = await bed.RunAsync("purge");

        Assert.Equal((0, old.Value[^4..]), (run.ExitCode, bed.IdOf(KeySlot.Old)));
        Assert.Contains("is kept until", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Promote_SomebodyElseRotates_IsRefusedAndNamesThem()
    {
        await using var bed = await CliBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        bed.Vault.Set("GEMINI-EDGE-ROTATION", "id", new Dictionary<string, string>
        {
            ["id"] = "id",
            ["operator"] = "berta@elsewhere\u001b[2J",
            ["command"] = "set",
            ["slot"] = "3",
            ["expiry"] = TimeProvider.System.GetUtcNow().AddMinutes(1).UtcDateTime.ToString("O"),
        });

        var run = await bed.RunAsync("promote");

        Assert.Equal((3, 0), (run.ExitCode, bed.Vault.WriteCount));
        Assert.Contains("berta@elsewhere?[2J has been running set", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Promote_CtrlC_StopsBetweenStepsAndSaysThatARerunResumes()
    {
        await using var bed = await CliBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        var promoted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bed.Vault.AfterWrite = write =>
        {
            if (write.Request.SecretName == KeySlot.Primary.Secret())
            {
                promoted.TrySetResult();
            }

            return Task.FromResult<KeyVaultFault?>(null);
        };
        var run = bed.StartProcess("promote", "--refresh-interval", "00:10:00");
        await promoted.Task.WaitAsync(TimeSpan.FromSeconds(60));

        run.Interrupt();
        await bed.EndAsync(run);

        Assert.Equal((130, ""), (run.ExitCode, run.Output));
        Assert.Contains("running the same command again resumes", run.Errors, StringComparison.Ordinal);
    }
}
