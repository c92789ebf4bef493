using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using GeminiEdge.Tests.Functions;
using YamlDotNet.RepresentationModel;

namespace GeminiEdge.Tests.Infra;

/// <summary>What `azd up` reads: azure.yaml, infra/azd.bicep and infra/azd.parameters.json.</summary>
public partial class AzdTests
{
    private static readonly string[] Basics = ["param environmentName = 'dev'", "param location = 'westeurope'"];

    // Azure takes no tags on these.
    private static readonly string[] Untagged =
    [
        "Microsoft.Authorization/roleAssignments", "Microsoft.EventGrid/systemTopics/eventSubscriptions", "Microsoft.Insights/diagnosticSettings", "Microsoft.Storage/storageAccounts/blobServices",
        "Microsoft.Storage/storageAccounts/blobServices/containers", "Microsoft.Storage/storageAccounts/tableServices", "Microsoft.Storage/storageAccounts/tableServices/tables",
        "Microsoft.Web/sites/basicPublishingCredentialsPolicies", "Microsoft.Web/sites/config",
    ];

    private static YamlMappingNode Project
    {
        get
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(Repository.Read("azure.yaml")));
            return (YamlMappingNode)yaml.Documents.Single().RootNode;
        }
    }

    private static JsonObject ParametersFile => JsonNode.Parse(Repository.Read("infra", "azd.parameters.json"))!["parameters"]!.AsObject();

    [Fact]
    public async Task Service_IsTheProjectThatIsPublishedToTheAppOfItsTag()
    {
        var (name, service) = Assert.Single(((YamlMappingNode)Project["services"]).Children);

        Assert.Equal(("function", "dotnet"), (Text(service["host"]), Text(service["language"])));
        Assert.Single(Directory.GetFiles(Repository.PathOf(Text(service["project"])), "*.*proj"));
        Assert.Matches("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", Text(Project["name"]));
        var app = (await Deployment.OfAzdAsync(Basics)).App;
        Assert.Equal(Text(name), (string?)app["tags"]!["azd-service-name"]);
        Assert.Equal("dotnet-isolated", (string?)app["properties"]!["functionAppConfig"]!["runtime"]!["name"]);
    }

    // A .bicepparam beside it would be taken instead of the parameters that azd fills in.
    [Fact]
    public void Module_IsOneThatAzdFillsIn()
    {
        var module = Text(Project["infra"]["module"]);

        Assert.True(File.Exists(Bicep.PathOf($"{module}.bicep")));
        Assert.True(File.Exists(Bicep.PathOf($"{module}.parameters.json")));
        Assert.False(File.Exists(Bicep.PathOf($"{module}.bicepparam")));
    }

    [Fact]
    public async Task Parameters_AreThoseOfMain_EachFromAVariableOfAzd()
    {
        var compiled = await Bicep.Compiled;
        var (azd, main) = (compiled["azd"].Template["parameters"]!.AsObject(), compiled["main"].Template["parameters"]!.AsObject());
        string[] own = ["environmentName", "location", "resourceGroupName"];

        Assert.Equal(
            main.Select(parameter => parameter.Key).Except(["name", "location", "hostingModel", "tags"]).Order(StringComparer.Ordinal),
            azd.Select(parameter => parameter.Key).Except(own).Order(StringComparer.Ordinal));
        Assert.Equal(azd.Select(parameter => parameter.Key).Order(StringComparer.Ordinal), ParametersFile.Select(parameter => parameter.Key).Order(StringComparer.Ordinal));
        Assert.All(ParametersFile, parameter => Assert.Matches(Variable(), (string)parameter.Value!["value"]!));
        Assert.Equal(ParametersFile.Count, ParametersFile.Select(parameter => (string)parameter.Value!["value"]!).Distinct().Count());
        Assert.Equal(
            ("${AZURE_ENV_NAME}", "${AZURE_LOCATION}", "${AZURE_PRINCIPAL_ID}", "${AZURE_PRINCIPAL_TYPE}"),
            (Value("environmentName"), Value("location"), Value("deployerId"), Value("deployerType")));

        // azd asks for what has neither a value nor a default.
        Assert.Equal(
            ["environmentName", "location"],
            azd.Where(parameter => parameter.Value!["defaultValue"] is null && (bool?)parameter.Value["nullable"] is not true).Select(parameter => parameter.Key));

        static string Value(string name) => (string)ParametersFile[name]!["value"]!;
    }

    [Fact]
    public async Task Deployment_WithNothingSet_IsMainsWithItsDefaults()
    {
        var azd = await Deployment.OfAzdAsync(Basics);
        var main = await Deployment.WithAsync();

        Assert.Equal("rg-dev", (string?)azd.Only("Microsoft.Resources/resourceGroups")["name"]);
        Assert.Equal(Types(main), Types(azd).Where(type => type != "Microsoft.Resources/resourceGroups"));
        Assert.Equal(Scale(main), Scale(azd));
        Assert.Equal(main.AppSettings["GEMINI_MODEL"], azd.AppSettings["GEMINI_MODEL"]);
        Assert.Equal(main.AppSettings.Keys.Order(StringComparer.Ordinal), azd.AppSettings.Keys.Order(StringComparer.Ordinal));

        static IEnumerable<string> Types(Deployment deployment) => deployment.Resources.Select(resource => (string)resource["type"]!).Order(StringComparer.Ordinal);
        static string Scale(Deployment deployment) => deployment.App["properties"]!["functionAppConfig"]!["scaleAndConcurrency"]!.ToJsonString();
    }

    [Fact]
    public async Task Deployment_OfAUser_LetsThatUserStoreTheKeys()
    {
        var roles = (await Deployment.OfAzdAsync([.. Basics, "param deployerId = 'the-user'", "param alwaysReadyInstances = 2", "param edgeSettings = { GeminiEdge__Selection: 'RoundRobin' }"]));

        Assert.Equal(2, roles.All("Microsoft.Authorization/roleAssignments").Count(role => (string?)role["properties"]!["principalId"] == "the-user" && (string?)role["properties"]!["principalType"] == "User"));
        Assert.Equal("RoundRobin", roles.AppSettings["GeminiEdge__Selection"]);
        Assert.Equal(2, (int)roles.App["properties"]!["functionAppConfig"]!["scaleAndConcurrency"]!["alwaysReady"]![0]!["instanceCount"]!);
    }

    [Fact]
    public async Task Resources_AllBearTheEnvironmentsTag()
    {
        var deployment = await Deployment.OfAzdAsync([.. Basics, "param alertEmails = ['oncall@example.com']"]);

        Assert.All(deployment.Resources, resource => Assert.True(
            Untagged.Contains((string)resource["type"]!) ? resource["tags"] is null : (string?)resource["tags"]?["azd-env-name"] == "dev", resource.ToJsonString()));
    }

    // edgectl reads three of them, so that `azd env get-values` sets it up.
    [Fact]
    public async Task Outputs_AreWhatAzdAndEdgectlRead()
    {
        var outputs = (await Bicep.Compiled)["azd"].Template["outputs"]!.AsObject();

        Assert.Equal(
            ["AZURE_RESOURCE_GROUP", "GEMINI_EDGE_FLEET", "GEMINI_EDGE_URL", "GEMINI_KEYVAULT_URI", "WEBSITE_SITE_NAME"],
            outputs.Select(output => output.Key).Order(StringComparer.Ordinal));
    }

    // Without an id azd writes one into the project, and with one it stores the outputs there: a local run must not read them.
    [Fact]
    public void Project_HasAnIdForAzdsSecrets_AndReadsNone()
    {
        var properties = XDocument.Load(Repository.PathOf("src", "GeminiEdge.Functions", "GeminiEdge.Functions.csproj")).Descendants();

        Assert.Single(properties, property => property.Name.LocalName == "UserSecretsId" && property.Value.Length > 0);
        Assert.Single(properties, property => property.Name.LocalName == "GenerateUserSecretsAttribute" && property.Value == "false");
    }

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    [GeneratedRegex(@"^\$\{[A-Z_]+\}$")]
    private static partial Regex Variable();
}
