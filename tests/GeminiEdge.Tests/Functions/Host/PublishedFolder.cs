using System.Diagnostics;

namespace GeminiEdge.Tests.Functions.Host;

/// <summary>What `dotnet publish` makes for Azure, made once a test run.</summary>
internal sealed class PublishedFolder
{
    private static readonly Lazy<Task<PublishedFolder>> CustomHandler = new(() => PublishAsync("GeminiEdge.Server", HasNativeCompiler ? [] : ["-p:PublishAot=false"]));
    private static readonly Lazy<Task<PublishedFolder>> IsolatedWorker = new(() => PublishAsync("GeminiEdge.Functions", []));

    private PublishedFolder(string path, int exitCode, string output) => (Path, ExitCode, Output) = (path, exitCode, output);

    /// <summary>Without one the custom handler is published for the runtime, which is the same app in other files.</summary>
    public static bool HasNativeCompiler { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Any(folder => File.Exists($"{folder}/clang") || File.Exists($"{folder}/gcc"));

    public string Path { get; }

    public int ExitCode { get; }

    public string Output { get; }

    /// <summary>Its files, relative to it, in order.</summary>
    public IReadOnlyList<string> Files => [.. Directory.GetFiles(Path, "*", SearchOption.AllDirectories)
        .Select(file => System.IO.Path.GetRelativePath(Path, file)).Order(StringComparer.Ordinal)];

    public static async Task<PublishedFolder> CustomHandlerAsync()
    {
        var folder = await CustomHandler.Value;
        Assert.True(folder.ExitCode == 0, folder.Output);
        return folder;
    }

    /// <summary>Skips the test where the package feed does not serve the worker.</summary>
    public static async Task<PublishedFolder> IsolatedWorkerAsync()
    {
        var folder = await IsolatedWorker.Value;
        Assert.SkipWhen(folder.ExitCode != 0 && (folder.Output.Contains("NU1101", StringComparison.Ordinal) || folder.Output.Contains("NU1102", StringComparison.Ordinal)),
            "The package feed does not serve Microsoft.Azure.Functions.Worker.");
        Assert.True(folder.ExitCode == 0, folder.Output);
        return folder;
    }

    public string PathOf(string file) => System.IO.Path.Combine(Path, file);

    private static async Task<PublishedFolder> PublishAsync(string project, string[] properties)
    {
        var folder = Repository.PathOf("artifacts", "publish", "tests", project);

        // Publishing never removes what an earlier one left.
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        var start = new ProcessStartInfo("dotnet", ["publish", Repository.PathOf("src", project), "-o", folder, .. properties])
        {
            RedirectStandardOutput = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        // A build server left behind would keep this run's output open.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        using var publish = Process.Start(start)!;
        var output = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        return new PublishedFolder(folder, publish.ExitCode, output);
    }
}
