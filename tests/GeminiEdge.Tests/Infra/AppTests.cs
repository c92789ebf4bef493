using GeminiEdge.Configuration;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;
using Microsoft.Extensions.Configuration;

namespace GeminiEdge.Tests.Infra;

public class AppTests
{
    // Unset on purpose: the upstream is Google, other slots come from the vault, /api/admin is the host's admin key's.
    private static readonly string[] LeftAlone =
    [
        // That the first of them is set is only told: the edge does not use it.
        "GEMINI_API_KEY", "GEMINI_API_KEY_3", "GEMINI_API_KEY_4", "GEMINI_API_KEY_5", "GEMINI_API_KEY_6", "GEMINI_API_KEY_7", "GEMINI_API_KEY_8", "GEMINI_API_KEY_9", "GEMINI_API_KEY_OLD",
        "GEMINI_BASE_URL", "GEMINI_EDGE_ADMIN_KEYS",
    ];

    // The host's own; tried on one with 150 MiB.
    private const string BodyLimit = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT";

    // What Azure, and func, tell an app about itself.
    private static readonly string[] ThePlatforms = ["AZURE_FUNCTIONS_ENVIRONMENT", "CONTAINER_NAME", "REGION_NAME", "WEBSITE_INSTANCE_ID", "WEBSITE_POD_NAME", "WEBSITE_SITE_NAME"];

    [Theory]
    [InlineData("custom", "custom", "1.0")]
    [InlineData("isolated", "dotnet-isolated", "10.0")]
    public async Task HostingModel_PicksTheRuntimeOfFlexConsumption(string model, string name, string version)
    {
        var deployment = model == "custom" ? await Deployment.Custom : await Deployment.Isolated;
        var runtime = deployment.App["properties"]!["functionAppConfig"]!["runtime"]!;

        Assert.Equal((name, version), ((string?)runtime["name"], (string?)runtime["version"]));
        Assert.Equal("functionapp,linux", (string?)deployment.App["kind"]);
        Assert.Equal("FC1", (string?)deployment.Only("Microsoft.Web/serverfarms")["sku"]!["name"]);
    }

    // Flex Consumption takes these from functionAppConfig, and refuses an app that brings them as settings.
    [Fact]
    public async Task Settings_HoldNoneThatFlexConsumptionRefuses() => Assert.DoesNotContain(
        (await Deployment.Custom).AppSettings.Keys,
        name => name is "AzureWebJobsStorage" or "FUNCTIONS_WORKER_RUNTIME" or "FUNCTIONS_WORKER_RUNTIME_VERSION" or "FUNCTIONS_EXTENSION_VERSION" or "WEBSITE_RUN_FROM_PACKAGE" or "SCM_DO_BUILD_DURING_DEPLOYMENT" or "ENABLE_ORYX_BUILD"
            || name.StartsWith("WEBSITE_CONTENT", StringComparison.Ordinal));

    [Theory]
    [InlineData("custom")]
    [InlineData("isolated")]
    public async Task Settings_OfTheEdge_AreAllReadAndNoneIsMissing(string model)
    {
        var given = (model == "custom" ? await Deployment.Custom : await Deployment.Isolated).AppSettings;
        var recorder = new Recorder(given);
        var configuration = new ConfigurationBuilder().Add(recorder).Build();

        var settings = EdgeConfiguration.Read(configuration, model == "custom" ? Hosting.CustomHandler : Hosting.IsolatedWorker);
        new SettingsKeySource(configuration).Read();

        Assert.Empty(settings.Problems);
        var edges = given.Keys.Where(name => !name.StartsWith("AzureWebJobsStorage__", StringComparison.Ordinal) && !name.StartsWith("APPLICATIONINSIGHTS_", StringComparison.Ordinal) && !name.StartsWith("OTEL_", StringComparison.Ordinal) && name != BodyLimit).ToList();
        Assert.Equal([], edges.Where(name => !name.StartsWith("GeminiEdge__", StringComparison.Ordinal)).Except(recorder.Asked));
        Assert.Equal([.. LeftAlone.Concat(ThePlatforms).Order(StringComparer.Ordinal)], recorder.Asked.Except(edges).Order(StringComparer.Ordinal));
    }

    // Without it the host answers a body of more than 100 MiB with an empty 500, and an upload is whole in one.
    [Fact]
    public async Task Uploads_MayBeAsLargeAsGeminiTakesThem()
    {
        Assert.Equal($"{2L * 1024 * 1024 * 1024}", (await Deployment.Isolated).AppSettings[BodyLimit]);
        Assert.Equal($"{2L * 1024 * 1024 * 1024}", (await Deployment.Custom).AppSettings[BodyLimit]);
    }

    [Fact]
    public async Task Settings_LeadTheEdgeToTheVaultAndTheRegister()
    {
        var deployment = await Deployment.Custom;
        var configuration = new ConfigurationBuilder().Add(new Recorder(deployment.AppSettings)).Build();

        var settings = EdgeConfiguration.Read(configuration, Hosting.CustomHandler);

        Assert.Equal($"https://{deployment.Only("Microsoft.KeyVault/vaults")["name"]}.vault.azure.net/", settings.Keys.VaultUri!.AbsoluteUri);
        Assert.Equal($"https://{deployment.Only("Microsoft.Storage/storageAccounts")["name"]}.table.core.windows.net/", settings.Fleet!.Endpoint.AbsoluteUri);
        Assert.EndsWith($"/default/{FleetRow.Table}", (string?)deployment.Only("Microsoft.Storage/storageAccounts/tableServices/tables")["name"], StringComparison.Ordinal);
        Assert.True(settings.Access.ClientKeys.IsEmpty);
        Assert.Equal(TimeSpan.FromSeconds(30), settings.Keys.RefreshInterval);
    }

    [Fact]
    public async Task Keys_AreReferencesToTheSecretsOfTheirSlots()
    {
        var settings = (await Deployment.Custom).AppSettings;

        Assert.All([KeySlot.Primary, KeySlot.Secondary], slot =>
            Assert.Equal($"@Microsoft.KeyVault(SecretUri={settings["GEMINI_KEYVAULT_URI"]}secrets/{slot.Secret()})", settings[slot.Setting()]));
    }

    [Fact]
    public async Task Parameters_OfTheEdge_ArriveInTheSettings()
    {
        var settings = (await Deployment.WithAsync(
            "param clientKeysName = 'GEMINI-EDGE-CLIENT-KEYS'", "param model = 'gemini-x'", "param modelPins = 'gemini-x=gemini-x-001'", "param fallbackModels = 'gemini-x=gemini-y'", "param publicUrl = 'https://edge.example.com'", "param refreshInterval = '00:01:00'",
            "param edgeSettings = { GeminiEdge__Selection: 'RoundRobin' }")).AppSettings;
        var edge = EdgeConfiguration.Read(new ConfigurationBuilder().Add(new Recorder(settings.Where(setting => setting.Key != "GEMINI_EDGE_CLIENT_KEYS").ToDictionary())).Build(), Hosting.CustomHandler);

        Assert.Empty(edge.Problems);
        Assert.Equal(("gemini-x", "https://edge.example.com", TimeSpan.FromMinutes(1), KeySelection.RoundRobin), (edge.Forwarding.DefaultModel, edge.Origin.PublicUrl, edge.Keys.RefreshInterval, edge.Forwarding.Selection));
        Assert.Equal("gemini-x-001", edge.Forwarding.ModelPins["gemini-x"]);
        Assert.Equal(["gemini-y"], edge.Forwarding.FallbackModels.Of("gemini-x"));
        Assert.Equal($"@Microsoft.KeyVault(SecretUri={settings["GEMINI_KEYVAULT_URI"]}secrets/GEMINI-EDGE-CLIENT-KEYS)", settings["GEMINI_EDGE_CLIENT_KEYS"]);
    }

    // As the configuration reads names, whatever their case.
    [Fact]
    public async Task FurtherSettings_OverrideNoneOfTheTemplates()
    {
        var settings = (await Deployment.WithAsync("param edgeSettings = { geminiedge__refreshinterval: '00:09:00', GeminiEdge__Selection: 'RoundRobin' }")).AppSettings;

        Assert.Equal("00:00:30", Assert.Single(settings, setting => setting.Key.Equals("GeminiEdge__RefreshInterval", StringComparison.OrdinalIgnoreCase)).Value);
        Assert.Equal("RoundRobin", settings["GeminiEdge__Selection"]);
    }

    [Theory]
    [InlineData("GEMINI_API_KEY_3")]
    [InlineData("GEMINI_KEYVAULT_URI")]
    [InlineData("AzureWebJobsStorage__credential")]
    [InlineData("GeminiEdge")]
    public async Task FurtherSettings_OfAnyOtherName_AreRefused(string name)
    {
        var refusal = await Deployment.RefusalAsync($"param edgeSettings = {{ GeminiEdge__Selection: 'RoundRobin', {name}: 'the value' }}");

        Assert.Contains($"edgeSettings takes names that begin with GeminiEdge__ alone, not {name}.", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("the value", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 16, 40, 512)]
    [InlineData(2, 1000, 1000, 4096)]
    public async Task Parameters_OfScale_ArriveInTheApp(int alwaysReady, int concurrency, int instances, int memory)
    {
        var deployment = await Deployment.WithAsync(
            $"param alwaysReadyInstances = {alwaysReady}", $"param perInstanceConcurrency = {concurrency}", $"param maximumInstanceCount = {instances}", $"param instanceMemoryMB = {memory}");
        var scale = deployment.App["properties"]!["functionAppConfig"]!["scaleAndConcurrency"]!;

        Assert.Equal(alwaysReady == 0 ? "[]" : $$"""[{"name":"http","instanceCount":{{alwaysReady}}}]""", scale["alwaysReady"]!.ToJsonString());
        Assert.Equal((concurrency, instances, memory), ((int)scale["triggers"]!["http"]!["perInstanceConcurrency"]!, (int)scale["maximumInstanceCount"]!, (int)scale["instanceMemoryMB"]!));
    }

    [Fact]
    public async Task Package_LiesInTheContainerThatIsMade()
    {
        var deployment = await Deployment.Custom;
        var container = ((string)deployment.Only("Microsoft.Storage/storageAccounts/blobServices/containers")["name"]!).Split('/');

        Assert.Equal(
            $"https://{container[0]}.blob.core.windows.net/{container[2]}",
            ArmText.Evaluate((string)deployment.App["properties"]!["functionAppConfig"]!["deployment"]!["storage"]!["value"]!));
    }

    /// <summary>Settings as the environment would give them, and the names that somebody asked for.</summary>
    private sealed class Recorder : ConfigurationProvider, IConfigurationSource
    {
        public Recorder(IReadOnlyDictionary<string, string> settings)
        {
            foreach (var (name, value) in settings)
            {
                Data[name.Replace("__", ":", StringComparison.Ordinal)] = value;
            }
        }

        public HashSet<string> Asked { get; } = [];

        public override bool TryGet(string key, out string? value)
        {
            if (!key.Contains(':', StringComparison.Ordinal))
            {
                Asked.Add(key);
            }

            return base.TryGet(key, out value);
        }

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;
    }
}
