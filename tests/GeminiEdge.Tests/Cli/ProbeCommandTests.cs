using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Tests.Cli;

public class ProbeCommandTests
{
    [Theory]
    [InlineData(SandboxKeyState.Working, 0, "healthy")]
    [InlineData(SandboxKeyState.NotFound, 1, "key_invalid")]
    [InlineData(SandboxKeyState.PrepayDepleted, 1, "billing_exhausted")]
    public async Task Probe_OneSlot_ExitsByItsVerdict(SandboxKeyState state, int exitCode, string health)
    {
        await using var bed = await CliBed.StartAsync();
        bed.Put(KeySlot.Primary, SandboxKeyState.Invalid);
        bed.Put(KeySlot.Secondary, state);

        var run = await bed.RunAsync("probe", "SECONDARY", "--json");

        Assert.Equal((exitCode, health), (run.ExitCode, run.Json["slots"]!.AsArray().Single()!["state"]!.GetValue<string>()));
        Assert.Single(bed.Gemini.Requests);
    }

    [Theory]
    [InlineData(SandboxKeyState.Working, 0)]
    [InlineData(SandboxKeyState.Blocked, 1)]
    public async Task Probe_EverySlot_PassesOnlyWhenAllDo(SandboxKeyState last, int exitCode)
    {
        await using var bed = await CliBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Slot9, last);

        var run = await bed.RunAsync("probe");

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Equal(2, bed.Gemini.Requests.Count);
        Assert.Equal(3, run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [InlineData("probe")]
    [InlineData("probe", "SECONDARY")]
    [InlineData("probe", "SECONDARY", "--dry-run")]
    public async Task Probe_NothingToProbe_IsRefusedWithWhatToDo(params string[] arguments)
    {
        await using var bed = await CliBed.StartAsync();

        var run = await bed.RunAsync(arguments);

        Assert.Equal((3, ""), (run.ExitCode, run.Output));
        Assert.Contains("`edgectl set ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probe_LeakedKey_IsRefusedAndNotSent()
    {
        await using var bed = await CliBed.StartAsync();
        var key = bed.Put(KeySlot.Primary);
        bed.Vault.Set(LeakedKeys.Secret, LeakedKeys.HashOf(ApiKey.Create(key.Value).Key!));

        var run = await bed.RunAsync("probe", "PRIMARY", "--json");

        Assert.Equal((3, "refused"), (run.ExitCode, run.Json["outcome"]!.GetValue<string>()));
        Assert.Contains($"…{key.Value[^4..]}", run.Errors, StringComparison.Ordinal);
        Assert.Equal(0, key.RequestCount);
    }
}
