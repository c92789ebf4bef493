using GeminiEdge.Tests.Functions;

namespace GeminiEdge.Tests.Workflows;

/// <summary>The sources as a runner checks them out, and edgectl built from them by the workflows' own step, once for all jobs.</summary>
public sealed class Checkout : IAsyncLifetime
{
    public const string InstallStep = "Install edgectl";

    private static readonly string[] Folders = ["src", ".github"];

    private readonly string _folder = Directory.CreateTempSubdirectory("gemini-edge-checkout-").FullName;
    private JobRun? _install;

    public string Folder => _folder;

    /// <summary>The step's script, with what it put on the path.</summary>
    internal Dictionary<string, string> Installed { get; } = [];

    public async ValueTask InitializeAsync()
    {
        foreach (var path in Directory.EnumerateFiles(Repository.PathOf()).Concat(Folders.SelectMany(folder => Directory.EnumerateFiles(Repository.PathOf(folder), "*", SearchOption.AllDirectories))))
        {
            var copy = Path.Combine(_folder, Path.GetRelativePath(Repository.PathOf(), path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }

        var workflow = Workflow.Open("rotate-gemini-key.yml");
        var setting = new JobSetting(_folder, new Dictionary<string, string>(), new Dictionary<string, string>(WorkflowBed.NoVariables)) { Actions = new Dictionary<string, Action<IReadOnlyDictionary<string, string>>>() };
        _install = await JobRun.RunAsync(workflow, setting, step => step.Name == InstallStep);
        Assert.True(_install.Conclusion == "success", _install.Log);
        Installed.Add(workflow.Steps.Single(step => step.Name == InstallStep).Run!, _install.Path.TrimEnd(':'));
    }

    public ValueTask DisposeAsync()
    {
        _install?.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}

/// <summary>The tests that share one checkout.</summary>
[CollectionDefinition(Name)]
public sealed class SharedCheckout : ICollectionFixture<Checkout>
{
    public const string Name = "Checkout";
}
