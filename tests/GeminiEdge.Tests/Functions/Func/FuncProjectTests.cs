using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Functions.Func;

/// <summary>In a fresh clone's src/GeminiEdge.Functions, func works as people know it, with no option.</summary>
public class FuncProjectTests(FuncClone clone) : IClassFixture<FuncClone>
{
    // Not even of versions that a package feed lacks, for which NuGet takes the next higher one (NU1603).
    private const string NoWarning = " 0 Warning(s)\n";

    private static readonly string[] ReadByTheHost = [".azurefunctions/function.deps.json", "GeminiEdge.Functions.dll", "GeminiEdge.dll", "extensions.json", "functions.metadata", "host.json", "worker.config.json"];

    [Fact]
    public async Task DotnetRun_StartsFuncInTheBuiltFolder()
    {
        var (folder, command) = await clone.RunAsync();

        Assert.Equal("start", command.Trim());
        AssertHostCanStart(folder);
        Assert.Equal("dotnet-isolated", LocalSettings.Read(folder).Values["FUNCTIONS_WORKER_RUNTIME"]);
    }

    [Fact]
    public async Task Build_WithoutLocalSettings_MakesThemFromTheSample()
    {
        await clone.RunAsync();

        Assert.Equal(Repository.Read("local.settings.sample.json"), await File.ReadAllTextAsync(Path.Combine(clone.Project, "local.settings.json")));
    }

    [Fact]
    public async Task Start_BuildsWithoutAWarningAndLeavesWhatTheHostReads()
    {
        var (folder, output) = await clone.StartAsync();

        Assert.Equal(Path.Combine(clone.Project, "bin", "output"), folder);
        Assert.Contains(NoWarning, output, StringComparison.Ordinal);
        AssertHostCanStart(folder);
    }

    // Without the host's half of their conversation: the worker comes up, and calls where it is told.
    [Fact]
    public async Task Start_TheWorkerThatIsLeft_CallsTheHost()
    {
        var (folder, _) = await clone.StartAsync();
        var worker = await ReadAsync(folder, "worker.config.json");
        using var host = new TcpListener(IPAddress.Loopback, 0);
        host.Start();
        var (port, uri) = (((IPEndPoint)host.LocalEndpoint).Port, $"http://{host.LocalEndpoint}/");
        using var process = Process.Start(new ProcessStartInfo(
            (string)worker["description"]!["defaultExecutablePath"]!,
            [
                (string)worker["description"]!["defaultWorkerPath"]!,
                "--host", "127.0.0.1", "--port", $"{port}", "--workerId", "w", "--requestId", "r", "--grpcMaxMessageLength", "2147483647",
                "--functions-uri", uri, "--functions-worker-id", "w", "--functions-request-id", "r", "--functions-grpc-max-message-length", "2147483647",
            ])
        { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            using var patience = new CancellationTokenSource(Patience.Limit);
            using var call = await host.AcceptTcpClientAsync(patience.Token);

            Assert.True(call.Connected && !process.HasExited);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task Publish_PacksWhatTheHostReadsAndNothingElse()
    {
        var (package, output) = await clone.PublishAsync();

        Assert.Contains(NoWarning, output, StringComparison.Ordinal);
        Assert.Equal(Path.Combine(clone.Project, "bin", "publish"), package.Root);
        AssertHostCanStart(package.Root);
        Assert.Empty(ReadByTheHost.Except(package.Files));
        Assert.DoesNotContain(package.Files, file => Path.GetExtension(file) is ".pdb" or ".xml" or ".cs" or ".csproj" or ".config" || file.Contains("Sandbox", StringComparison.Ordinal)
            || file.StartsWith("bin/", StringComparison.Ordinal) || Path.GetFileName(file) is "local.settings.json" or "local.settings.sample.json" or "packages.lock.json");
        Assert.InRange(package.Files.Sum(file => new FileInfo(Path.Combine(package.Root, file)).Length), 1024 * 1024, 30 * 1024 * 1024);

        // The build did leave what the package must not hold.
        Assert.True(File.Exists(Path.Combine(package.Root, "local.settings.json")) && File.Exists(Path.Combine(package.Root, "GeminiEdge.pdb")));
    }

    // Flex Consumption takes no isolated worker whose version func can't tell.
    [Fact]
    public async Task Publish_TellsAzureTheDotnetVersion() => Assert.Equal("10.0", (await clone.PublishAsync()).Package.Version);

    private static void AssertHostCanStart(string folder)
    {
        Assert.All(ReadByTheHost, file => Assert.True(File.Exists(Path.Combine(folder, file)), file));
        Assert.Equal("", (string?)JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "host.json")))!["extensions"]!["http"]!["routePrefix"]);

        var functions = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "functions.metadata")))!.AsArray();
        Assert.Equal(HostedFunction.OfIsolatedWorker().Select(function => function.Name), functions.Select(function => (string)function!["name"]!).Order(StringComparer.OrdinalIgnoreCase));
        Assert.All(functions, function => Assert.True(File.Exists(Path.Combine(folder, (string)function!["scriptFile"]!)), function.ToJsonString()));

        var extensions = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "extensions.json")))!["extensions"]!.AsArray();
        Assert.NotEmpty(extensions);
        Assert.All(extensions, extension => Assert.True(File.Exists(Path.Combine(folder, (string)extension!["hintPath"]!)), extension.ToJsonString()));
    }

    private static async Task<JsonNode> ReadAsync(string folder, string file) => JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, file)))!;
}
