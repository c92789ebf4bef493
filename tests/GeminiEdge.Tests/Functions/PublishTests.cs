using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using GeminiEdge.Tests.Functions.Host;

namespace GeminiEdge.Tests.Functions;

/// <summary>What `dotnet publish` makes for each hosting model holds all the host needs, and nothing else.</summary>
public class PublishTests
{
    private const long Megabyte = 1024 * 1024;

    [Fact]
    public async Task CustomHandler_Folder_IsTheExecutableAndItsDeclarations()
    {
        Assert.SkipUnless(PublishedFolder.HasNativeCompiler, "There is no native compiler here.");
        var folder = await PublishedFolder.OfAsync(HostingModel.CustomHandler);

        Assert.Equal(
            ["GeminiEdge.Server", .. HostedFunction.OfCustomHandler().Select(function => $"{function.Name}/function.json"), "host.json"],
            folder.Files);
        Assert.InRange(new FileInfo(folder.PathOf("GeminiEdge.Server")).Length, Megabyte, 30 * Megabyte);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task CustomHandler_TheFileThatHostJsonNames_MayBeExecuted()
    {
        var folder = await PublishedFolder.OfAsync(HostingModel.CustomHandler);
        var name = (string)JsonNode.Parse(await File.ReadAllTextAsync(folder.PathOf("host.json")))!["customHandler"]!["description"]!["defaultExecutablePath"]!;

        Assert.True(File.GetUnixFileMode(folder.PathOf(name)).HasFlag(UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute));
    }

    [Fact]
    public async Task IsolatedWorker_Folder_HoldsWhatTheHostReads()
    {
        var folder = await PublishedFolder.OfAsync(HostingModel.IsolatedWorker);

        Assert.All(
            ["host.json", "worker.config.json", "functions.metadata", "extensions.json", ".azurefunctions/function.deps.json", "GeminiEdge.Functions.dll", "GeminiEdge.dll"],
            file => Assert.True(File.Exists(folder.PathOf(file)), file));
        Assert.Null(JsonNode.Parse(await File.ReadAllTextAsync(folder.PathOf("host.json")))!["customHandler"]);
        Assert.InRange(folder.Files.Sum(file => new FileInfo(folder.PathOf(file)).Length), Megabyte, 30 * Megabyte);
    }

    [Fact]
    public async Task IsolatedWorker_Metadata_DeclaresTheRoutesOfTheCustomHandler()
    {
        var folder = await PublishedFolder.OfAsync(HostingModel.IsolatedWorker);

        var declared = JsonNode.Parse(await File.ReadAllTextAsync(folder.PathOf("functions.metadata")))!.AsArray()
            .Select(function =>
            {
                var trigger = function!["bindings"]!.AsArray().Single(binding => (string?)binding!["type"] == "httpTrigger")!;
                return new HostedFunction((string)function["name"]!, (string)trigger["route"]!, ((string)trigger["authLevel"]!).ToLowerInvariant(), trigger["methods"]?.ToJsonString() ?? "");
            })
            .OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase);

        Assert.Equal(HostedFunction.OfCustomHandler(), declared);
    }

    // What trimming or native code would break, the compiler only warns of.
    [Fact]
    public async Task CustomHandler_Publish_WarnsOfNothing()
    {
        var folder = await PublishedFolder.OfAsync(HostingModel.CustomHandler);

        Assert.Contains(folder.Path, folder.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("warning", folder.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(HostingModel.CustomHandler)]
    [InlineData(HostingModel.IsolatedWorker)]
    public async Task Folder_HoldsNoSandbox_NoSymbols_AndNothingOfDevelopment(HostingModel model) =>
        AssertIsForProduction(await PublishedFolder.OfAsync(model));

    // For machines without a native compiler.
    [Fact]
    public async Task CustomHandler_ForTheRuntime_HoldsNoSandboxEither()
    {
        var folder = await PublishedFolder.ForTheRuntimeAsync();

        Assert.Contains("GeminiEdge.Server.deps.json", folder.Files);
        AssertIsForProduction(folder);
    }

    private static void AssertIsForProduction(PublishedFolder folder)
    {
        Assert.DoesNotContain(folder.Files, file => Path.GetExtension(file) is ".pdb" or ".dbg" or ".xml" or ".cs" or ".config" or ".user");
        Assert.DoesNotContain(folder.Files, file => Path.GetFileName(file) is "local.settings.json" or "launchSettings.json" or "packages.lock.json"
            || Path.GetFileName(file).StartsWith("appsettings", StringComparison.OrdinalIgnoreCase));

        // The search finds what is there: names stand in metadata as UTF-8; in a native executable too, where exceptions need them.
        Assert.Contains(folder.Files, file => Holds(file, "Doorkeeper"u8));
        Assert.DoesNotContain(folder.Files, file => Holds(file, "GeminiSandbox"u8) || Holds(file, "GeminiEdge.Sandbox"u8));

        bool Holds(string file, ReadOnlySpan<byte> text) => File.ReadAllBytes(folder.PathOf(file)).AsSpan().IndexOf(text) >= 0;
    }
}
