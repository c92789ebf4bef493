using GeminiEdge.Tests.Functions;

namespace GeminiEdge.Tests.Infra;

/// <summary>What infra/deploy says before it does anything.</summary>
public class DeployPlanTests
{
    [Theory]
    [InlineData("custom", "dotnet publish src/GeminiEdge.Server --output src/GeminiEdge.Server/bin/publish", "func azure functionapp publish APP --no-build --custom")]
    [InlineData("isolated", "dotnet publish src/GeminiEdge.Functions --output src/GeminiEdge.Functions/bin/publish", "func azure functionapp publish APP --no-build --dotnet-isolated")]
    public async Task DryRun_WithoutAzAndFunc_PrintsThePlanAndChangesNothing(string model, string publish, string upload)
    {
        await using var bed = await DeployBed.StartAsync();
        bed.Remove("az");
        bed.Remove("func");

        var run = await bed.RunAsync("", "--resource-group", "edge", "--location", "westeurope", "--app", "my-edge", "--model", model, "--dry-run");

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.Equal(
            [
                "az group create --name edge --location westeurope",
                $"az deployment group create --name geminiedge --resource-group edge --template-file infra/main.bicep --parameters hostingModel={model} name=my-edge location=westeurope deployerId=YOU "
                    + "--query 'properties.outputs.[functionAppName.value, functionAppUrl.value, vaultUri.value, fleetEndpoint.value]' --output tsv",
                publish,
                upload,
                "edgectl set PRIMARY --vault VAULT",
                "edgectl set SECONDARY --vault VAULT",
                "az: https://learn.microsoft.com/cli/azure/install-azure-cli",
                "func: npm install --global azure-functions-core-tools@4",
            ],
            run.Output.Split('\n').Where(line => line.StartsWith("    ", StringComparison.Ordinal)).Select(line => line.Trim()));
        Assert.EndsWith("Nothing was changed.\n", run.Output, StringComparison.Ordinal);
        Assert.Empty(bed.Calls);
        Assert.Equal(["deploy"], Directory.EnumerateFiles(bed.PathOf("root"), "*", SearchOption.AllDirectories).Select(Path.GetFileName));
    }

    [Fact]
    public async Task DryRun_SignedIn_ShowsWhatAzureWouldChange()
    {
        await using var bed = await DeployBed.StartAsync();
        bed.HeldGroup();

        var run = await bed.RunAsync("", "-g", "edge", "-a", "my-edge", "--dry-run");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Resource changes: 24 to create.", run.Output, StringComparison.Ordinal);
        Assert.Equal(
            [
                "az account show --output none",
                "az group exists --name edge --output tsv",
                "az ad signed-in-user show --query id --output tsv",
                $"az deployment group what-if --resource-group edge --template-file infra/main.bicep --parameters hostingModel=isolated name=my-edge deployerId={DeployBed.Me}",
            ],
            bed.Calls);
    }

    [Fact]
    public async Task DryRun_WithoutTheGroup_SaysThatAllIsNew()
    {
        await using var bed = await DeployBed.StartAsync();

        var run = await bed.RunAsync("", "-g", "edge", "--dry-run");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("all of it would be new", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(bed.Calls, call => call.Contains("what-if", StringComparison.Ordinal));
    }

    [Fact]
    public async Task DryRun_NotSignedIn_SaysSo()
    {
        await using var bed = await DeployBed.StartAsync();
        bed.Fail("az account show");

        var run = await bed.RunAsync("", "-g", "edge", "--dry-run");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("az is missing or not signed in", run.Output, StringComparison.Ordinal);
        Assert.Equal(["az account show --output none"], bed.Calls);
    }

    [Theory]
    [InlineData("edge.bicepparam", "using 'main.bicep'\nparam name = 'isolated'\nparam hostingModel = 'custom' // as ever\n")]
    [InlineData("edge.json", """{ "parameters": { "name": { "value": "isolated" }, "hostingModel": { "value": "custom" } } }""")]
    public async Task Parameters_ThatNameAModel_AreFollowed(string name, string text)
    {
        await using var bed = await DeployBed.StartAsync();
        var file = bed.Put(name, text);

        var followed = await bed.RunAsync("", "-g", "edge", "--parameters", $"root/{name}", "--dry-run");
        var contradicted = await bed.RunAsync("", "-g", "edge", "--parameters", file, "--model", "isolated", "--dry-run");

        Assert.Contains($"--parameters {file} hostingModel=custom deployerId=YOU --query", followed.Output, StringComparison.Ordinal);
        Assert.Contains("--no-build --custom", followed.Output, StringComparison.Ordinal);
        Assert.Equal(64, contradicted.ExitCode);
        Assert.StartsWith($"deploy: --model says isolated, and {file} says custom.\n", contradicted.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("edge.bicepparam", "using 'main.bicep'\nparam operatorGroupId = 'the-group' // who rotates\n", false)]
    [InlineData("edge.bicepparam", "using 'main.bicep'\n  // param operatorGroupId = 'the-group'\nparam operatorGroupId = ''\n", true)]
    [InlineData("edge.bicepparam", "using 'main.bicep'\nparam operatorGroupId = readEnvironmentVariable('GROUP')\n", false)]
    [InlineData("edge.bicepparam", "", true)]
    [InlineData("edge.json", """{ "parameters": { "operatorGroupId": { "value": "the-group" } } }""", false)]
    [InlineData("edge.json", """{ "parameters": { "operatorGroupId": { "value": "" } } }""", true)]
    public async Task Operators_ThatNobodyNames_AreWhoeverDeploys(string name, string text, bool deployer)
    {
        await using var bed = await DeployBed.StartAsync();
        bed.Put(name, text);

        var withKeys = await bed.RunAsync("", "-g", "edge", "--parameters", $"root/{name}", "--dry-run");
        var withoutKeys = await bed.RunAsync("", "-g", "edge", "--parameters", $"root/{name}", "--skip-keys", "--dry-run");

        Assert.Equal((0, 0), (withKeys.ExitCode, withoutKeys.ExitCode));
        Assert.Equal(deployer, withKeys.Output.Contains(" deployerId=YOU ", StringComparison.Ordinal) && withKeys.Output.Contains("YOU is your own object id", StringComparison.Ordinal));
        Assert.DoesNotContain("YOU", withoutKeys.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--resource-group is missing.")]
    [InlineData("--resource-group needs a value.", "-g", "edge", "--resource-group")]
    [InlineData("--location needs a value.", "-g", "edge", "--location", "--yes")]
    [InlineData("--resource-group takes", "-g", "ed ge")]
    [InlineData("--app takes", "-g", "edge", "-a", "My_Edge")]
    [InlineData("--location takes", "-g", "edge", "--location", "West Europe")]
    [InlineData("--model is isolated or custom.", "-g", "edge", "--model", "container")]
    [InlineData("The parameters' file none.bicepparam does not exist.", "-g", "edge", "--parameters", "none.bicepparam")]
    [InlineData("The folder none does not exist.", "-g", "edge", "--publish-dir", "none")]
    [InlineData("--key is no option.", "-g", "edge", "--key", "value")]
    [InlineData("now is no option.", "-g", "edge", "now")]
    public async Task Arguments_ThatAreWrong_AreNamedAndNothingIsAsked(string message, params string[] arguments)
    {
        await using var bed = await DeployBed.StartAsync();

        var run = await bed.RunAsync("", arguments);

        Assert.Equal((64, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"deploy: {message}", run.Errors, StringComparison.Ordinal);
        Assert.Empty(bed.Calls);
    }

    [Fact]
    public async Task Help_NamesEveryOptionThatIsTaken()
    {
        await using var bed = await DeployBed.StartAsync();

        var run = await bed.RunAsync("", "--help");

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.All(
            ["-g,", "--resource-group", "-a,", "--app", "--location", "--model", "--parameters", "--publish-dir", "--skip-keys", "--dry-run", "--yes", "--help"],
            option => Assert.Contains(option, run.Output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(3, "README.md")]
    [InlineData(1, "infra", "README.md")]
    public async Task Commands_InTheDocumentation_MakeAPlan(int count, params string[] document)
    {
        await using var bed = await DeployBed.StartAsync();
        bed.Put("infra/main.bicepparam", Repository.Read("infra", "main.bicepparam"));
        bed.Put("infra/edge.bicepparam", Repository.Read("infra", "main.bicepparam"));
        var commands = Repository.Read(document).Split('\n').Where(line => line.StartsWith("$ infra/deploy ", StringComparison.Ordinal)).ToList();

        Assert.Equal(count, commands.Count);
        foreach (var command in commands)
        {
            var arguments = command.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(2).Select(word => word.StartsWith("infra/", StringComparison.Ordinal) ? $"root/{word}" : word);

            var run = await bed.RunAsync("", [.. arguments, "--dry-run"]);

            Assert.True(run.ExitCode == 0, run.All);
        }
    }

    [Fact]
    public async Task WithoutATerminal_NobodyCanAgree()
    {
        await using var bed = await DeployBed.StartAsync();
        bed.HeldGroup();

        var run = await bed.RunAsync("", "-g", "edge");

        Assert.Equal(64, run.ExitCode);
        Assert.Contains("say --yes", run.Errors, StringComparison.Ordinal);
        Assert.All(bed.Calls, call => Assert.True(call.StartsWith("az account show", StringComparison.Ordinal) || call.StartsWith("az group exists", StringComparison.Ordinal), call));
    }
}
