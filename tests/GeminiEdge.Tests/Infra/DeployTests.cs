using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Tests.Infra;

/// <summary>infra/deploy from its first step to its last.</summary>
public class DeployTests
{
    // Azure's own options, as its documentation lists them.
    private static string[] UntilTheUpload(string model, string project, string files) =>
    [
        "az account show --output none",
        "az group exists --name edge --output tsv",
        "az group create --name edge --location westeurope --output none",
        "az ad signed-in-user show --query id --output tsv",
        $"az deployment group create --name geminiedge --resource-group edge --template-file infra/main.bicep --parameters hostingModel={model} location=westeurope deployerId={DeployBed.Me} "
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

        var run = await bed.RunAsync($"{primary.Value}\n{secondary.Value}\n", [.. DeployBed.Arguments, "--model", model]);

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
        var first = await bed.RunAsync(keys, DeployBed.Arguments);
        var writes = bed.Cli.Vault.WriteCount;
        bed.HeldGroup();
        bed.ClearCalls();

        var second = await bed.RunAsync(keys, DeployBed.Arguments);
        var withoutInput = await bed.RunAsync("", DeployBed.Arguments);

        Assert.True((first.ExitCode, second.ExitCode, withoutInput.ExitCode) == (0, 0, 0), second.All);
        Assert.Equal(writes, bed.Cli.Vault.WriteCount);
        Assert.Contains("PRIMARY holds a key already, and keeps it.\nSECONDARY holds a key already, and keeps it.\n", second.Output, StringComparison.Ordinal);
        Assert.Contains("All are resolved.", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(bed.Calls, call => call.Contains(" set ", StringComparison.Ordinal) || call.Contains("group create --name edge", StringComparison.Ordinal) || call.Contains("--method post", StringComparison.Ordinal));
    }

    private static string WithoutTheTemporaryFolder(string call) => string.Join(' ', call.Split(' ').Select(word =>
        word.StartsWith(Path.GetTempPath(), StringComparison.Ordinal) && word.Contains("/tmp.", StringComparison.Ordinal) ? Path.GetFileName(word) : word));
}
