using GeminiEdge.Tests.Infra;

namespace GeminiEdge.Tests.Workflows;

/// <summary>The steps of the deploy workflow, really run, with scripts in the place of `az` and `func`.</summary>
public class DeployWorkflowTests
{
    private const string InstallStep = "Install func";

    private static readonly Dictionary<string, string> Variables = new()
    {
        ["AZURE_DEPLOY_CLIENT_ID"] = "the-client",
        ["AZURE_TENANT_ID"] = "the-tenant",
        ["AZURE_SUBSCRIPTION_ID"] = "the-subscription",
        ["AZURE_RESOURCE_GROUP"] = "edge",
        ["AZURE_LOCATION"] = "",
        ["GEMINI_EDGE_NAME"] = "",
        ["GEMINI_EDGE_PARAMETERS"] = "",
    };

    [Fact]
    public async Task Deploy_OfACheckout_UploadsItAndTouchesNoKey()
    {
        await using var bed = await DeployBed.StartAsync();
        await bed.StartAppAsync();
        bed.HeldGroup();
        bed.PutPublished("custom");
        bed.Put("infra/production.bicepparam", "using 'main.bicep'\n");

        using var run = await RunAsync(bed, new() { ["model"] = "custom" }, new(Variables) { ["AZURE_LOCATION"] = "westeurope", ["GEMINI_EDGE_NAME"] = "my-edge", ["GEMINI_EDGE_PARAMETERS"] = "infra/production.bicepparam" });

        Assert.True(run.Conclusion == "success", run.Log);
        Assert.Contains(bed.Calls, call => call.StartsWith("az deployment group create", StringComparison.Ordinal)
            && call.Contains("/infra/production.bicepparam hostingModel=custom name=my-edge location=westeurope ", StringComparison.Ordinal));
        Assert.Contains(bed.Calls, call => call.StartsWith($"func azure functionapp publish {DeployBed.App} --no-build --custom", StringComparison.Ordinal));
        Assert.DoesNotContain(bed.Calls, call => call.StartsWith("edgectl", StringComparison.Ordinal) || call.StartsWith("dotnet", StringComparison.Ordinal));
        Assert.Contains("What to do next:", run.Summary, StringComparison.Ordinal);
        Assert.Empty(run.Annotations);
    }

    [Fact]
    public async Task DryRun_ShowsThePlanAndChangesNothing()
    {
        await using var bed = await DeployBed.StartAsync();
        bed.HeldGroup();

        using var run = await RunAsync(bed, new() { ["dry-run"] = true }, Variables);

        Assert.True(run.Conclusion == "success", run.Log);
        Assert.Contains("Resource changes: 24 to create.", run.Summary, StringComparison.Ordinal);
        Assert.All(bed.Calls, call => Assert.Matches("^az (account show|group exists|deployment group what-if) ", call));
    }

    [Fact]
    public async Task Step_ThatFails_IsSaidOnTheRunsPage()
    {
        await using var bed = await DeployBed.StartAsync();
        bed.HeldGroup();
        bed.Fail("func azure");

        using var run = await RunAsync(bed, [], Variables);

        Assert.Equal("failure", run.Conclusion);
        var error = Assert.Single(run.Annotations);
        Assert.Equal(("error", "infra/deploy ended with exit code 7"), (error.Kind, error.Title));
        Assert.StartsWith("stopped at \"Upload\" with exit code 7.", error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repository_ThatNobodyHasSetUp_IsToldEachVariable()
    {
        await using var bed = await DeployBed.StartAsync();

        using var run = await RunAsync(bed, [], Variables.ToDictionary(variable => variable.Key, _ => ""));

        Assert.Equal("failure", run.Conclusion);
        Assert.Equal(
            ["AZURE_DEPLOY_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_SUBSCRIPTION_ID", "AZURE_RESOURCE_GROUP"],
            run.Annotations.Select(note => note.Text.Split(' ')[3]));
        Assert.Empty(bed.Calls);
    }

    [Fact]
    public void Deploy_WaitsForApprovalAndTakesNoKeyAsInput()
    {
        var workflow = Workflow.Open("deploy.yml");

        Assert.Equal("azure", workflow.Job["environment"].ToString());
        Assert.Equal(["dry-run", "model"], workflow.Inputs.Keys.Order(StringComparer.Ordinal));
        Assert.Matches(@"^npm install --global azure-functions-core-tools@\d+\.\d+\.\d+$", workflow.Steps.Single(step => step.Name == InstallStep).Run!.Trim());
    }

    /// <summary>Runs both jobs; what the second does is what is looked at.</summary>
    private static async Task<JobRun> RunAsync(DeployBed bed, Dictionary<string, object> inputs, Dictionary<string, string> variables)
    {
        var workflow = Workflow.Open("deploy.yml");
        var artifact = bed.PathOf("artifact");
        var setting = new JobSetting(bed.PathOf("root"), bed.Machine, variables)
        {
            Inputs = inputs,
            Done = new Dictionary<string, string> { [workflow.Steps.Single(step => step.Name == InstallStep).Run!] = bed.PathOf("programs") },
            Actions = new Dictionary<string, Action<IReadOnlyDictionary<string, string>>>
            {
                ["actions/checkout"] = with => Assert.Equal("false", with["persist-credentials"]),
                ["actions/setup-dotnet"] = with => Assert.Empty(with),
                ["actions/upload-artifact"] = with => File.WriteAllBytes(artifact, File.ReadAllBytes(Assert.Single(Directory.GetFiles(with["path"])))),
                ["actions/download-artifact"] = with => File.Copy(artifact, Path.Combine(Directory.CreateDirectory(with["path"]).FullName, "app.tar")),
                ["azure/login"] = with => Assert.Equal(["the-client", "the-tenant", "the-subscription"], [with["client-id"], with["tenant-id"], with["subscription-id"]]),
            },
        };
        using var build = await JobRun.RunAsync(Workflow.Open("deploy.yml", "build"), setting);
        Assert.True(build.Conclusion == "success", build.Log);
        Assert.StartsWith($"dotnet publish src/{(inputs.ContainsValue("custom") ? "GeminiEdge.Server" : "GeminiEdge.Functions")} --output ", Assert.Single(bed.Calls), StringComparison.Ordinal);
        bed.ClearCalls();
        return await JobRun.RunAsync(workflow, setting);
    }
}
