using GeminiEdge.Keys;
using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Tests.Infra;

/// <summary>infra/deploy from its first step to its last.</summary>
public class DeployTests
{
    private static readonly string[] Arguments = ["-g", "edge", "--location", "westeurope", "--yes"];
    private static readonly string[] WithoutKeys = [.. Arguments, "--skip-keys"];

    // Azure's own options, as its documentation lists them.
    private static string[] UntilTheUpload(string model, string project, string files) =>
    [
        "az account show --output none",
        "az group exists --name edge --output tsv",
        "az group create --name edge --location westeurope --output none",
        $"az deployment group create --name geminiedge --resource-group edge --template-file infra/main.bicep --parameters hostingModel={model} location=westeurope "
            + "--query properties.outputs.[functionAppName.value, functionAppUrl.value, vaultUri.value, fleetEndpoint.value] --output tsv",
        $"dotnet publish src/{project} --output src/{project}/bin/publish",
        $"func azure functionapp publish {DeployBed.App} --no-build {(model == "custom" ? "--custom" : "--dotnet-isolated")} (in src/{project}/bin/publish: {files})",
    ];

    [Theory]
    [InlineData("custom", "GeminiEdge.Server", "GeminiEdge.Server edge-1-health host.json ")]
    [InlineData("isolated", "GeminiEdge.Functions", "edge-1-health functions.metadata host.json worker.config.json ")]
    public async Task Deploy_IntoNothing_DoesEachStepInOrderAndEndsWithAnAnswer(string model, string project, string files)
    {
        await using var bed = await DeployBed.StartAsync();
        bed.PutPublished(model);
        bed.Put($"src/{project}/bin/publish/edge-9-former/function.json", "{}");
        var app = await bed.StartAppAsync();
        var (primary, secondary) = (bed.Cli.AddKey(), bed.Cli.AddKey());
        var vault = bed.Cli.Environment["GEMINI_KEYVAULT_URI"];

        var run = await bed.RunAsync($"{primary.Value}\n{secondary.Value}\n", [.. Arguments, "--model", model]);

        Assert.True(run.ExitCode == 0, run.All);
        var references = $"/subscriptions/{{subscriptionId}}/resourceGroups/edge/providers/Microsoft.Web/sites/{DeployBed.App}/config/configreferences/appsettings";
        var url = app.Url.AbsoluteUri;
        Assert.Equal(
            [
                .. UntilTheUpload(model, project, files),
                $"edgectl keys --no-probe --json --vault {vault}",
                $"edgectl set PRIMARY --vault {vault}",
                $"edgectl set SECONDARY --vault {vault}",
                $"az rest --method get --url {references}?api-version=2022-03-01 --query value[?properties.status!='Resolved'].name --output tsv",
                $"az rest --method post --url {references}/refresh?api-version=2022-03-01 --output none",
                $"curl --silent --output health --write-out %{{http_code}} --max-time 60 {url}api/health",
                $"az functionapp keys list --resource-group edge --name {DeployBed.App} --query functionKeys.default --output tsv",
                "curl --config - --silent --show-error --output answer --dump-header headers --write-out %{http_code} --max-time 230 "
                    + $"--header content-type: application/json --data {{\"prompt\":\"Say hello\"}} {url}api/generate",
            ],
            bed.Calls.Where(call => !call.StartsWith("sleep", StringComparison.Ordinal)).Select(WithoutTheTemporaryFolder).Distinct());
        Assert.Equal((primary.Value[^4..], secondary.Value[^4..]), (bed.Cli.IdOf(KeySlot.Primary), bed.Cli.IdOf(KeySlot.Secondary)));
        Assert.Contains($"POST /api/generate: 200, by the key …{primary.Value[^4..]} after 1 attempt(s)", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Sandbox answer", run.All, StringComparison.Ordinal);
        Assert.Contains($"export GEMINI_KEYVAULT_URI={vault} GEMINI_EDGE_FLEET=https://stk3x7.table.core.windows.net/ WEBSITE_SITE_NAME={DeployBed.App}\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deploy_Again_ChangesNoKeyAndReadsNoReferenceAnew()
    {
        await using var bed = await DeployBed.StartAsync();
        await bed.StartAppAsync();
        var keys = $"{bed.Cli.AddKey().Value}\n{bed.Cli.AddKey().Value}\n";
        var first = await bed.RunAsync(keys, Arguments);
        var writes = bed.Cli.Vault.WriteCount;
        bed.HeldGroup();
        bed.ClearCalls();

        var second = await bed.RunAsync(keys, Arguments);
        var withoutInput = await bed.RunAsync("", Arguments);

        Assert.True((first.ExitCode, second.ExitCode, withoutInput.ExitCode) == (0, 0, 0), second.All);
        Assert.Equal(writes, bed.Cli.Vault.WriteCount);
        Assert.Contains("PRIMARY holds a key already, and keeps it.\nSECONDARY holds a key already, and keeps it.\n", second.Output, StringComparison.Ordinal);
        Assert.Contains("All are resolved.", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(bed.Calls, call => call.Contains(" set ", StringComparison.Ordinal) || call.Contains("group create --name edge", StringComparison.Ordinal) || call.Contains("--method post", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Role_ThatIsNotKnownYet_IsWaitedFor()
    {
        await using var bed = await DeployBed.StartAsync();
        await bed.StartAppAsync();
        bed.GiveRoleLate();

        var run = await bed.RunAsync($"{bed.Cli.AddKey().Value}\n{bed.Cli.AddKey().Value}\n", Arguments);

        Assert.True(run.ExitCode == 0, run.All);
        Assert.Contains("Waiting for the vault: Azure can take ten minutes", run.Output, StringComparison.Ordinal);
        Assert.Equal(1, bed.Calls.Count(call => call == "sleep 15"));
    }

    [Fact]
    public async Task Vault_ThatIsAwayForAMoment_IsAskedAgain()
    {
        await using var bed = await DeployBed.StartAsync();
        await bed.StartAppAsync();
        bed.FailOnce("edgectl set PRIMARY");
        var key = bed.Cli.AddKey();

        var run = await bed.RunAsync($"{key.Value}\n", Arguments);

        Assert.True(run.ExitCode == 0, run.All);
        Assert.Equal(key.Value[^4..], bed.Cli.IdOf(KeySlot.Primary));
        Assert.Equal(2, bed.Calls.Count(call => call.StartsWith("edgectl set PRIMARY", StringComparison.Ordinal)));
    }

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

        var run = await bed.RunAsync("", WithoutKeys);

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

        var run = await bed.RunAsync("", WithoutKeys);

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

        var run = await bed.RunAsync("", WithoutKeys);

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

        var run = await bed.RunAsync("", [.. WithoutKeys, "--model", model, "--publish-dir", bed.PathOf("state", "published")]);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"src/{project}/bin/publish is no publish of the {model} model", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(bed.Calls, call => call.StartsWith("dotnet", StringComparison.Ordinal) || call.StartsWith("func", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SkipKeys_AsksTheVaultNothingAndAnEdgeWithoutKeysPasses()
    {
        await using var bed = await DeployBed.StartAsync();
        await bed.StartAppAsync();

        var run = await bed.RunAsync("", WithoutKeys);

        Assert.True(run.ExitCode == 0, run.All);
        Assert.Contains("The edge is up, and has no key that works. Store one: edgectl set PRIMARY", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(bed.Calls, call => call.StartsWith("edgectl", StringComparison.Ordinal) || call.Contains("api/generate", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not-a-key-of-google-s\n")]
    public async Task Keys_WithoutOneThatWorks_StopWithTheReason(string input)
    {
        await using var bed = await DeployBed.StartAsync();

        var run = await bed.RunAsync(input, Arguments);

        Assert.Equal(3, run.ExitCode);
        Assert.Contains("deploy: stopped at \"Keys\" with exit code 3. PRIMARY is empty still", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(bed.Calls, call => call.Contains("set SECONDARY", StringComparison.Ordinal) || call.StartsWith("az rest", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keys_OneAlone_IsEnoughAndTheOtherIsAskedForLater()
    {
        await using var bed = await DeployBed.StartAsync();
        await bed.StartAppAsync();

        var run = await bed.RunAsync($"{bed.Cli.AddKey().Value}\n", Arguments);

        Assert.True(run.ExitCode == 0, run.All);
        Assert.Contains("SECONDARY stays empty", run.Output, StringComparison.Ordinal);
        Assert.Null(bed.Cli.IdOf(KeySlot.Secondary));
    }

    [Fact]
    public async Task SmokeTest_OnKeysThatAreDead_FailsWithTheEdgesCode()
    {
        await using var bed = await DeployBed.StartAsync();
        await bed.StartAppAsync();
        bed.Cli.Put(KeySlot.Primary, SandboxKeyState.Expired);

        var run = await bed.RunAsync("", WithoutKeys);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("api/generate answered 502 (all_keys_failed), request ", run.Errors, StringComparison.Ordinal);
    }

    private static string WithoutTheTemporaryFolder(string call) => string.Join(' ', call.Split(' ').Select(word =>
        word.StartsWith(Path.GetTempPath(), StringComparison.Ordinal) && word.Contains("/tmp.", StringComparison.Ordinal) ? Path.GetFileName(word) : word));
}
