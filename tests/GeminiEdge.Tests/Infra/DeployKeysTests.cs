using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Tests.Infra;

/// <summary>What infra/deploy does about keys, and a vault that is not ready for them.</summary>
public class DeployKeysTests
{
    [Fact]
    public async Task Role_ThatIsNotKnownYet_IsWaitedFor()
    {
        await using var bed = await DeployBed.StartAsync();
        await bed.StartAppAsync();
        bed.GiveRoleLate();

        var run = await bed.RunAsync($"{bed.Cli.AddKey().Value}\n{bed.Cli.AddKey().Value}\n", DeployBed.Arguments);

        Assert.True(run.ExitCode == 0, run.All);
        Assert.Contains("Waiting for the vault: Azure can take ten minutes", run.Output, StringComparison.Ordinal);
        Assert.Equal(1, bed.Calls.Count(call => call == "sleep 15"));
    }

    // As a service principal signs in, which Azure names no user for.
    [Fact]
    public async Task Role_ThatNobodyWasGiven_IsNotWaitedForTenMinutes()
    {
        await using var bed = await DeployBed.StartAsync();
        bed.GiveNoRole();
        bed.Fail("az ad signed-in-user show");

        var run = await bed.RunAsync($"{bed.Cli.AddKey().Value}\n", DeployBed.Arguments);

        Assert.Equal(4, run.ExitCode);
        Assert.Contains("nobody is given the roles that storing keys asks for", run.Output, StringComparison.Ordinal);
        Assert.Contains("Name the operators' group as operatorGroupId (--parameters), or give yourself\n    az role assignment create --role 'Key Vault Secrets Officer' --assignee YOU", run.Errors, StringComparison.Ordinal);
        Assert.Equal(3, bed.Calls.Count(call => call == "sleep 15"));
        Assert.DoesNotContain(bed.Calls, call => call.Contains("deployerId", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Role_OfTheOperatorsGroup_IsNotGivenToWhoeverDeploysToo()
    {
        await using var bed = await DeployBed.StartAsync();
        await bed.StartAppAsync();
        var file = bed.Put("edge.bicepparam", "using 'main.bicep'\nparam operatorGroupId = 'the-group'\n");

        var run = await bed.RunAsync($"{bed.Cli.AddKey().Value}\n", [.. DeployBed.Arguments, "--parameters", file]);

        Assert.True(run.ExitCode == 0, run.All);
        Assert.DoesNotContain(bed.Calls, call => call.Contains("deployerId", StringComparison.Ordinal) || call.StartsWith("az ad", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Vault_ThatIsAwayForAMoment_IsAskedAgain()
    {
        await using var bed = await DeployBed.StartAsync();
        await bed.StartAppAsync();
        bed.FailOnce("edgectl set PRIMARY");
        var key = bed.Cli.AddKey();

        var run = await bed.RunAsync($"{key.Value}\n", DeployBed.Arguments);

        Assert.True(run.ExitCode == 0, run.All);
        Assert.Equal(key.Value[^4..], bed.Cli.IdOf(KeySlot.Primary));
        Assert.Equal(2, bed.Calls.Count(call => call.StartsWith("edgectl set PRIMARY", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not-a-key-of-google-s\n")]
    public async Task Keys_WithoutOneThatWorks_StopWithTheReason(string input)
    {
        await using var bed = await DeployBed.StartAsync();

        var run = await bed.RunAsync(input, DeployBed.Arguments);

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("deploy: stopped at \"Keys\" with exit code 3. PRIMARY is empty still", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(bed.Calls, call => call.Contains("set SECONDARY", StringComparison.Ordinal) || call.StartsWith("az rest", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keys_OneAlone_IsEnoughAndTheOtherIsAskedForLater()
    {
        await using var bed = await DeployBed.StartAsync();
        await bed.StartAppAsync();

        var run = await bed.RunAsync($"{bed.Cli.AddKey().Value}\n", DeployBed.Arguments);

        Assert.True(run.ExitCode == 0, run.All);
        Assert.Contains("SECONDARY stays empty", run.Output, StringComparison.Ordinal);
        Assert.Null(bed.Cli.IdOf(KeySlot.Secondary));
    }

    [Fact]
    public async Task SkipKeys_AsksTheVaultNothingAndAnEdgeWithoutKeysPasses()
    {
        await using var bed = await DeployBed.StartAsync();
        await bed.StartAppAsync();

        var run = await bed.RunAsync("", DeployBed.WithoutKeys);

        Assert.True(run.ExitCode == 0, run.All);
        Assert.Contains("The edge is up, and has no key that works. Store one: edgectl set PRIMARY", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(bed.Calls, call => call.StartsWith("edgectl", StringComparison.Ordinal) || call.Contains("api/generate", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SmokeTest_OnKeysThatAreDead_FailsWithTheEdgesCode()
    {
        await using var bed = await DeployBed.StartAsync();
        await bed.StartAppAsync();
        bed.Cli.Put(KeySlot.Primary, SandboxKeyState.Expired);

        var run = await bed.RunAsync("", DeployBed.WithoutKeys);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("api/generate answered 502 (all_keys_failed), request ", run.Errors, StringComparison.Ordinal);
    }
}
