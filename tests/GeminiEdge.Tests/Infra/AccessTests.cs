using System.Text.Json.Nodes;

namespace GeminiEdge.Tests.Infra;

public class AccessTests
{
    // https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
    private const string KeyVaultSecretsUser = "4633458b-17de-408a-874b-0445c86b69e6";
    private const string KeyVaultSecretsOfficer = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7";
    private const string StorageBlobDataOwner = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b";
    private const string StorageTableDataContributor = "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3";
    private const string MonitoringMetricsPublisher = "3913510d-42f4-4e42-8a64-420c390055eb";

    private const string Deployer = "0b5a1f2e-0000-4000-8000-00000000000e";

    private static readonly string[] TheApps =
    [
        $"app: {StorageTableDataContributor} on Microsoft.Storage/storageAccounts/tableServices/tables",
        $"app: {MonitoringMetricsPublisher} on Microsoft.Insights/components",
        $"app: {KeyVaultSecretsUser} on Microsoft.KeyVault/vaults",
        $"app: {StorageBlobDataOwner} on Microsoft.Storage/storageAccounts",
    ];

    [Fact]
    public async Task Roles_WithOperators_AreTheseAndNoOthers() => Assert.Equal(
        [
            .. TheApps,
            $"operators: {StorageTableDataContributor} on Microsoft.Storage/storageAccounts/tableServices/tables",
            $"operators: {KeyVaultSecretsOfficer} on Microsoft.KeyVault/vaults",
        ],
        Roles(await Deployment.Custom));

    [Fact]
    public async Task Roles_WithoutOperators_AreTheAppsAlone() => Assert.Equal(TheApps, Roles(await Deployment.Isolated));

    // Without a group, so that somebody can store the first keys.
    [Theory]
    [InlineData("User")]
    [InlineData("ServicePrincipal")]
    public async Task Roles_OfWhoeverDeploys_AreTheOperators(string type)
    {
        var deployer = $"({Deployer}, {type})";
        var deployment = await Deployment.WithAsync($"param deployerId = '{Deployer}'", $"param deployerType = '{type}'");

        Assert.Equal(
            [.. new[] { $"{deployer}: {StorageTableDataContributor} on Microsoft.Storage/storageAccounts/tableServices/tables", $"{deployer}: {KeyVaultSecretsOfficer} on Microsoft.KeyVault/vaults" }, .. TheApps],
            Roles(deployment));
    }

    [Fact]
    public async Task Roles_WithOperators_AreNotWhoeverDeploysToo()
    {
        var deployment = await Deployment.WithAsync($"param operatorGroupId = '{Deployment.Operators}'", $"param deployerId = '{Deployer}'");

        Assert.Equal(Roles(await Deployment.Custom), Roles(deployment));
    }

    [Fact]
    public async Task Vault_IsGuarded()
    {
        var vault = (await Deployment.Custom).Only("Microsoft.KeyVault/vaults")["properties"]!;

        Assert.True((bool?)vault["enableRbacAuthorization"]);
        Assert.True((bool?)vault["enableSoftDelete"]);
        Assert.True((bool?)vault["enablePurgeProtection"]);
        Assert.Null(vault["accessPolicies"]);
        Assert.All(["enabledForDeployment", "enabledForDiskEncryption", "enabledForTemplateDeployment"], name => Assert.False((bool?)vault[name]));
    }

    // A secret in a template would stand in the deployment's history.
    [Fact]
    public async Task Vault_GetsNoSecretFromTheTemplate() => Assert.Empty((await Deployment.Custom).All("Microsoft.KeyVault/vaults/secrets"));

    [Fact]
    public async Task Storage_OpensToTokensOverTlsAlone()
    {
        var deployment = await Deployment.Custom;
        var account = deployment.Only("Microsoft.Storage/storageAccounts")["properties"]!;

        Assert.False((bool?)account["allowSharedKeyAccess"]);
        Assert.False((bool?)account["allowBlobPublicAccess"]);
        Assert.False((bool?)account["allowCrossTenantReplication"]);
        Assert.True((bool?)account["supportsHttpsTrafficOnly"]);
        Assert.Equal("TLS1_2", (string?)account["minimumTlsVersion"]);
        Assert.Equal("None", (string?)deployment.Only("Microsoft.Storage/storageAccounts/blobServices/containers")["properties"]!["publicAccess"]);
    }

    [Fact]
    public async Task Telemetry_IsWrittenWithATokenAlone()
    {
        var deployment = await Deployment.Custom;

        Assert.True((bool?)deployment.Only("Microsoft.Insights/components")["properties"]!["DisableLocalAuth"]);
        Assert.True((bool?)deployment.Only("Microsoft.OperationalInsights/workspaces")["properties"]!["features"]!["disableLocalAuth"]);
    }

    [Fact]
    public async Task App_TakesHttpsAlone_AndNoPassword()
    {
        var deployment = await Deployment.Custom;
        var app = deployment.App["properties"]!;

        Assert.True((bool?)app["httpsOnly"]);

        // The whole of it: of the properties that other plans have, such as ftpsState, Flex Consumption refuses most, and the deployment with them.
        Assert.Equal("""{"minTlsVersion":"1.2","scmMinTlsVersion":"1.2"}""", app["siteConfig"]!.ToJsonString());
        var policies = deployment.All("Microsoft.Web/sites/basicPublishingCredentialsPolicies").ToDictionary(policy => ((string)policy["name"]!).Split('/')[1], policy => (bool?)policy["properties"]!["allow"]);
        Assert.Equal(new Dictionary<string, bool?> { ["ftp"] = false, ["scm"] = false }, policies);
    }

    [Fact]
    public async Task App_IsOneIdentity_ForEverything()
    {
        var deployment = await Deployment.Custom;
        var id = (string)deployment.Identity["id"]!;
        var clientId = $"{{{deployment.Identity["name"]}.clientId}}";
        var settings = deployment.AppSettings;

        Assert.Equal("UserAssigned", (string?)deployment.App["identity"]!["type"]);
        Assert.Equal([id], deployment.App["identity"]!["userAssignedIdentities"]!.AsObject().Select(identity => identity.Key));
        Assert.Equal(id, (string?)deployment.App["properties"]!["keyVaultReferenceIdentity"]);
        var package = deployment.App["properties"]!["functionAppConfig"]!["deployment"]!["storage"]!["authentication"]!;
        Assert.Equal(("UserAssignedIdentity", id), ((string?)package["type"], (string?)package["userAssignedIdentityResourceId"]));
        Assert.Equal((clientId, clientId, "managedidentity"), (settings["AZURE_CLIENT_ID"], settings["AzureWebJobsStorage__clientId"], settings["AzureWebJobsStorage__credential"]));
        Assert.Equal($"ClientId={clientId};Authorization=AAD", settings["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"]);
    }

    // Nothing else of the template may hold a door open: every resource stands in one of these tests.
    [Fact]
    public async Task Resources_AreOfKnownTypes() => Assert.Equal(
        [
            "Microsoft.Authorization/roleAssignments", "Microsoft.EventGrid/systemTopics", "Microsoft.EventGrid/systemTopics/eventSubscriptions", "Microsoft.Insights/actionGroups",
            "Microsoft.Insights/components", "Microsoft.Insights/diagnosticSettings", "Microsoft.Insights/metricAlerts", "Microsoft.Insights/scheduledQueryRules",
            "Microsoft.Insights/webtests", "Microsoft.Insights/workbooks", "Microsoft.KeyVault/vaults", "Microsoft.ManagedIdentity/userAssignedIdentities",
            "Microsoft.OperationalInsights/workspaces", "Microsoft.Storage/storageAccounts", "Microsoft.Storage/storageAccounts/blobServices",
            "Microsoft.Storage/storageAccounts/blobServices/containers", "Microsoft.Storage/storageAccounts/tableServices", "Microsoft.Storage/storageAccounts/tableServices/tables",
            "Microsoft.Web/serverfarms", "Microsoft.Web/sites", "Microsoft.Web/sites/basicPublishingCredentialsPolicies", "Microsoft.Web/sites/config",
        ],
        (await Deployment.Custom).Resources.Select(resource => (string)resource["type"]!).Distinct().Order(StringComparer.Ordinal));

    private static IEnumerable<string> Roles(Deployment deployment) =>
        deployment.All("Microsoft.Authorization/roleAssignments").Select(assignment => Role(deployment, assignment)).Order(StringComparer.Ordinal);

    private static string Role(Deployment deployment, JsonObject assignment)
    {
        var properties = assignment["properties"]!;
        var who = (ArmText.Evaluate((string)properties["principalId"]!), (string?)properties["principalType"]) switch
        {
            (Deployment.Operators, "Group") => "operators",
            var (id, kind) when (id, kind) == ($"{{{deployment.Identity["name"]}.principalId}}", "ServicePrincipal") => "app",
            var other => other.ToString(),
        };
        var scope = ((string)assignment["id"]!).Split("/providers/Microsoft.Authorization/")[0].Split("/providers/")[1].Split('/');
        var type = string.Join('/', scope.Where((_, i) => i == 0 || i % 2 == 1));
        return $"{who}: {((string)properties["roleDefinitionId"]!).Split('/')[^1]} on {type}";
    }
}
