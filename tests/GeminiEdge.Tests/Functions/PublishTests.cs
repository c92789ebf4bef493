using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using GeminiEdge.Tests.Cli;
using GeminiEdge.Tests.Functions.Host;

namespace GeminiEdge.Tests.Functions;

/// <summary>What `dotnet publish` makes for each hosting model holds all the host needs, and nothing else.</summary>
[Collection(nameof(DrillTests))]
public class PublishTests
{
    private const long Megabyte = 1024 * 1024;

    [Fact]
    public async Task CustomHandler_Folder_IsTheExecutableAndItsDeclarations()
    {
        Assert.SkipUnless(PublishedFolder.HasNativeCompiler, "There is no native compiler here.");
        var folder = await PublishedFolder.CustomHandlerAsync();

        Assert.Equal(
            ["GeminiEdge.Server", .. HostedFunction.OfCustomHandler().Select(function => $"{function.Name}/function.json"), "host.json"],
            folder.Files);
        Assert.InRange(new FileInfo(folder.PathOf("GeminiEdge.Server")).Length, Megabyte, 30 * Megabyte);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task CustomHandler_TheFileThatHostJsonNames_MayBeExecuted()
    {
        var folder = await PublishedFolder.CustomHandlerAsync();
        var name = (string)JsonNode.Parse(await File.ReadAllTextAsync(folder.PathOf("host.json")))!["customHandler"]!["description"]!["defaultExecutablePath"]!;

        Assert.True(File.GetUnixFileMode(folder.PathOf(name)).HasFlag(UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute));
    }

    [Fact]
    public async Task IsolatedWorker_Folder_HoldsWhatTheHostReads()
    {
        var folder = await PublishedFolder.IsolatedWorkerAsync();

        Assert.All(
            ["host.json", "worker.config.json", "functions.metadata", "extensions.json", ".azurefunctions/function.deps.json", "GeminiEdge.Functions.dll", "GeminiEdge.dll"],
            file => Assert.True(File.Exists(folder.PathOf(file)), file));
        Assert.Null(JsonNode.Parse(await File.ReadAllTextAsync(folder.PathOf("host.json")))!["customHandler"]);
        Assert.InRange(folder.Files.Sum(file => new FileInfo(folder.PathOf(file)).Length), Megabyte, 30 * Megabyte);
    }

    [Fact]
    public async Task IsolatedWorker_Metadata_DeclaresTheRoutesOfTheCustomHandler()
    {
        var folder = await PublishedFolder.IsolatedWorkerAsync();

        var declared = JsonNode.Parse(await File.ReadAllTextAsync(folder.PathOf("functions.metadata")))!.AsArray()
            .Select(function =>
            {
                var trigger = function!["bindings"]!.AsArray().Single(binding => (string?)binding!["type"] == "httpTrigger")!;
                return new HostedFunction((string)function["name"]!, (string)trigger["route"]!, ((string)trigger["authLevel"]!).ToLowerInvariant(), trigger["methods"]?.ToJsonString() ?? "");
            })
            .OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase);

        Assert.Equal(HostedFunction.OfCustomHandler(), declared);
    }

    [Theory]
    [InlineData("CustomHandler")]
    [InlineData("IsolatedWorker")]
    public async Task Folder_HoldsNoSandbox_NoSymbols_AndNothingOfDevelopment(string model)
    {
        var folder = model == "CustomHandler" ? await PublishedFolder.CustomHandlerAsync() : await PublishedFolder.IsolatedWorkerAsync();

        Assert.DoesNotContain(folder.Files, file => Path.GetExtension(file) is ".pdb" or ".dbg" or ".xml" or ".cs" or ".config" or ".user");
        Assert.DoesNotContain(folder.Files, file => Path.GetFileName(file) is "local.settings.json" or "launchSettings.json" or "packages.lock.json"
            || Path.GetFileName(file).StartsWith("appsettings", StringComparison.OrdinalIgnoreCase));

        // The search finds what is there.
        Assert.Contains(folder.Files, file => File.ReadAllBytes(folder.PathOf(file)).AsSpan().IndexOf("Doorkeeper"u8) >= 0);
        foreach (var file in folder.Files.Where(file => Path.GetFileName(file).StartsWith("GeminiEdge", StringComparison.Ordinal)))
        {
            // Names stand in metadata as UTF-8; in a native executable too, where exceptions need them.
            var bytes = await File.ReadAllBytesAsync(folder.PathOf(file));
            Assert.True(bytes.AsSpan().IndexOf("GeminiSandbox"u8) < 0 && bytes.AsSpan().IndexOf("GeminiEdge.Sandbox"u8) < 0, file);
        }
    }
}
