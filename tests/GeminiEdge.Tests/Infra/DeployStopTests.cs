namespace GeminiEdge.Tests.Infra;

/// <summary>Where infra/deploy stops.</summary>
public class DeployStopTests
{
    [Theory]
    [InlineData("az group exists", "the resource group", 2)]
    [InlineData("az group create", "Resource group", 3)]
    [InlineData("az deployment group create", "Infrastructure", 4)]
    [InlineData("dotnet publish", "Publish", 5)]
    [InlineData("func azure functionapp publish", "Upload", 6)]
    [InlineData("az rest --method get", "Key Vault references", 7)]
    [InlineData("az rest --method post", "Key Vault references", 8)]
    public async Task Step_ThatFails_StopsWithItsExitCodeAndWhereToGoOn(string call, string step, int calls)
    {
        await using var bed = await DeployBed.StartAsync();
        bed.Fail(call);

        var run = await bed.RunAsync("", DeployBed.WithoutKeys);

        Assert.Equal((7, calls), (run.ExitCode, bed.Calls.Count));
        Assert.StartsWith(call, bed.Calls[^1], StringComparison.Ordinal);
        Assert.Contains($"deploy: stopped at \"{step}\" with exit code 7. ", run.Errors, StringComparison.Ordinal);
        Assert.EndsWith("Nothing has to be undone: the same command goes on from here.\n", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tools_ThatAreMissing_AreNamedBeforeAnythingIsDone()
    {
        await using var bed = await DeployBed.StartAsync();
        bed.Remove("az");
        bed.Remove("func");

        var run = await bed.RunAsync("", DeployBed.WithoutKeys);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("az: https://learn.microsoft.com/cli/azure/install-azure-cli", run.Errors, StringComparison.Ordinal);
        Assert.Contains("func: npm install --global azure-functions-core-tools@4", run.Errors, StringComparison.Ordinal);
        Assert.Empty(bed.Calls);
    }

    [Fact]
    public async Task SignIn_ThatIsMissing_IsAskedFor()
    {
        await using var bed = await DeployBed.StartAsync();
        bed.Fail("az account show");

        var run = await bed.RunAsync("", DeployBed.WithoutKeys);

        Assert.Equal((1, 1), (run.ExitCode, bed.Calls.Count));
        Assert.Contains("Sign in: az login", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Group_ThatIsNotThere_NeedsALocation()
    {
        await using var bed = await DeployBed.StartAsync();

        var run = await bed.RunAsync("", "-g", "edge", "--yes");

        Assert.Equal((64, 2), (run.ExitCode, bed.Calls.Count));
        Assert.Contains("name a --location", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("custom", "GeminiEdge.Server", "isolated")]
    [InlineData("isolated", "GeminiEdge.Functions", "custom")]
    public async Task PublishDir_OfTheOtherModel_IsNotUploaded(string model, string project, string published)
    {
        await using var bed = await DeployBed.StartAsync();
        bed.PutPublished(published);

        var run = await bed.RunAsync("", [.. DeployBed.WithoutKeys, "--model", model, "--publish-dir", bed.PathOf("state", "published")]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"src/{project}/bin/publish is no publish of the {model} model", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(bed.Calls, call => call.StartsWith("dotnet", StringComparison.Ordinal) || call.StartsWith("func", StringComparison.Ordinal));
    }
}
