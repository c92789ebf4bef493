using System.Text.Json.Nodes;

namespace GeminiEdge.Tests.Infra;

/// <summary>
/// What a deployment would make: the compiler evaluates the whole template, its modules and its conditions, for a set of
/// parameters, as Azure would.
/// </summary>
internal sealed class Deployment
{
    private static readonly Lazy<Task<Deployment>> CustomOnce = new(() => WithAsync("param hostingModel = 'custom'", $"param operatorGroupId = '{Operators}'", "param alertEmails = ['oncall@example.com']"));
    private static readonly Lazy<Task<Deployment>> IsolatedOnce = new(() => WithAsync("param availabilityTest = false"));

    private Deployment(JsonObject snapshot) => Resources = [.. snapshot["predictedResources"]!.AsArray().Select(node => node!.AsObject())];

    public const string Operators = "0b5a1f2e-0000-4000-8000-00000000c0de";

    /// <summary>The custom handler, with operators and somebody to tell.</summary>
    public static Task<Deployment> Custom => CustomOnce.Value;

    /// <summary>The isolated worker, which is the default, with nobody named and nothing optional.</summary>
    public static Task<Deployment> Isolated => IsolatedOnce.Value;

    public IReadOnlyList<JsonObject> Resources { get; }

    public JsonObject App => Only("Microsoft.Web/sites");

    public JsonObject Identity => Only("Microsoft.ManagedIdentity/userAssignedIdentities");

    /// <summary>The app settings, evaluated.</summary>
    public IReadOnlyDictionary<string, string> AppSettings =>
        Only("Microsoft.Web/sites/config")["properties"]!.AsObject().ToDictionary(setting => setting.Key, setting => ArmText.Evaluate(setting.Value!.GetValue<string>()));

    /// <summary>Deploys main.bicep on paper, with these lines of a parameter file.</summary>
    public static async Task<Deployment> WithAsync(params string[] parameters)
    {
        var (snapshot, refusal) = await SnapshotAsync("main.bicep", parameters);
        Assert.True(snapshot is not null, refusal);
        return new Deployment(snapshot);
    }

    /// <summary>Deploys azd.bicep on paper.</summary>
    public static async Task<Deployment> OfAzdAsync(params string[] parameters)
    {
        var (snapshot, refusal) = await SnapshotAsync("azd.bicep", parameters, resourceGroup: null);
        Assert.True(snapshot is not null, refusal);
        return new Deployment(snapshot);
    }

    /// <summary>What is said of these lines of a parameter file, which are refused.</summary>
    public static async Task<string> RefusalAsync(params string[] parameters)
    {
        var (snapshot, refusal) = await SnapshotAsync("main.bicep", parameters);
        Assert.Null(snapshot);
        return refusal!;
    }

    public JsonObject Only(string type) => Assert.Single(All(type));

    public IEnumerable<JsonObject> All(string type) => Resources.Where(resource => resource["type"]!.GetValue<string>() == type);

    private static async Task<(JsonObject? Snapshot, string? Refusal)> SnapshotAsync(string template, string[] parameters, string? resourceGroup = "edge")
    {
        var folder = Directory.CreateTempSubdirectory("geminiedge-infra-").FullName;
        try
        {
            var path = Path.GetRelativePath(folder, Bicep.PathOf(template)).Replace('\\', '/');
            var file = Path.Combine(folder, "test.bicepparam");
            await File.WriteAllLinesAsync(file, [$"using '{path}'", .. parameters]);
            return await Bicep.SnapshotAsync(file, resourceGroup);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
