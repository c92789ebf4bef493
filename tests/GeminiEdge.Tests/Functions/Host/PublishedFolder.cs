namespace GeminiEdge.Tests.Functions.Host;

/// <summary>What `dotnet publish` makes for Azure, made once a test run.</summary>
internal sealed class PublishedFolder
{
    private static readonly Lazy<Task<PublishedFolder>> Native = new(() => PublishAsync("GeminiEdge.Server", "GeminiEdge.Server"));

    // Restored with the native compiler's packages, as the lock file names them.
    private static readonly Lazy<Task<PublishedFolder>> ForTheRuntime = new(() => PublishAsync("GeminiEdge.Server", "GeminiEdge.Server.Runtime", "--no-restore", "-p:PublishAot=false"));
    private static readonly Lazy<Task<PublishedFolder>> IsolatedWorker = new(() => PublishAsync("GeminiEdge.Functions", "GeminiEdge.Functions"));

    // They build the same libraries into the same folders: one after the other.
    private static readonly SemaphoreSlim OneAtATime = new(1);

    private PublishedFolder(string path, string output) => (Path, Output) = (path, output);

    /// <summary>Without one the custom handler is published for the runtime, which is the same app in other files.</summary>
    public static bool HasNativeCompiler { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Any(folder => File.Exists($"{folder}/clang") || File.Exists($"{folder}/gcc"));

    public string Path { get; }

    /// <summary>What `dotnet publish` said.</summary>
    public string Output { get; }

    /// <summary>Its files, relative to it, in order.</summary>
    public IReadOnlyList<string> Files => [.. Directory.GetFiles(Path, "*", SearchOption.AllDirectories)
        .Select(file => System.IO.Path.GetRelativePath(Path, file)).Order(StringComparer.Ordinal)];

    public static Task<PublishedFolder> OfAsync(HostingModel model) => model switch
    {
        HostingModel.IsolatedWorker => IsolatedWorker.Value,
        _ when HasNativeCompiler => Native.Value,
        _ => ForTheRuntime.Value,
    };

    /// <summary>The custom handler for the runtime, whether or not there is a native compiler.</summary>
    public static async Task<PublishedFolder> ForTheRuntimeAsync()
    {
        // Both are made in the same folders: one after the other.
        await OfAsync(HostingModel.CustomHandler);
        return await ForTheRuntime.Value;
    }

    public string PathOf(string file) => System.IO.Path.Combine(Path, file);

    private static async Task<PublishedFolder> PublishAsync(string project, string name, params string[] options)
    {
        await OneAtATime.WaitAsync();
        try
        {
            return await PublishAloneAsync(project, name, options);
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    private static async Task<PublishedFolder> PublishAloneAsync(string project, string name, string[] options)
    {
        var folder = Repository.PathOf("artifacts", "publish", "tests", name);

        // Publishing never removes what an earlier one left.
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        // One project after the other: more at a time would only start more processes, beside tests that wait for a core.
        var output = await Dotnet.RunAsync(["publish", Repository.PathOf("src", project), "-o", folder, "-m:1", .. options]);
        return new PublishedFolder(folder, output);
    }
}
