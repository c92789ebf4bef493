using GeminiEdge.Tests.Functions;

namespace GeminiEdge.Tests.Workflows;

/// <summary>The sources as a runner checks them out, and edgectl built from them and handed on by the workflows' own steps, once for all jobs.</summary>
public sealed class Checkout : IAsyncLifetime
{
    public const string InstallStep = "Install edgectl";

    private static readonly string[] Folders = ["src", ".github"];

    private readonly string _folder = Directory.CreateTempSubdirectory("gemini-edge-checkout-").FullName;
    private readonly DirectoryInfo _artifacts = Directory.CreateTempSubdirectory("gemini-edge-artifacts-");
    private JobRun? _build;
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
        var setting = new JobSetting(_folder, Dotnet.Variables, new Dictionary<string, string>(WorkflowBed.NoVariables))
        {
            Actions = new Dictionary<string, Action<IReadOnlyDictionary<string, string>>>
            {
                ["actions/checkout"] = _ => { },
                ["actions/setup-dotnet"] = _ => { },
                ["actions/upload-artifact"] = with => Copy(with["path"], _artifacts.CreateSubdirectory(with["name"]).FullName),
                ["actions/download-artifact"] = with => Copy(Path.Combine(_artifacts.FullName, with["name"]), with["path"]),
            },
        };
        _build = await JobRun.RunAsync(Workflow.Open(workflow.Name, "build"), setting);
        Assert.True(_build.Conclusion == "success", _build.Log);
        _install = await JobRun.RunAsync(workflow, setting, step => step.Name == InstallStep || step.Uses?.StartsWith("actions/download-artifact@", StringComparison.Ordinal) is true);
        Assert.True(_install.Conclusion == "success", _install.Log);
        Installed.Add(workflow.Steps.Single(step => step.Name == InstallStep).Run!, _install.Path.TrimEnd(':'));
    }

    public ValueTask DisposeAsync()
    {
        _build?.Dispose();
        _install?.Dispose();
        _artifacts.Delete(recursive: true);
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}

/// <summary>The tests that share one checkout.</summary>
[CollectionDefinition(Name)]
public sealed class SharedCheckout : ICollectionFixture<Checkout>
{
    public const string Name = "Checkout";
}
