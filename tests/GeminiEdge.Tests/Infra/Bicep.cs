using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using GeminiEdge.Tests.Functions;

namespace GeminiEdge.Tests.Infra;

/// <summary>The Bicep compiler, as it was restored with the tests' packages.</summary>
internal static class Bicep
{
    private static readonly Lazy<BicepSession> Session = new(() => new BicepSession(Compiler));
    private static readonly Lazy<Task<IReadOnlyDictionary<string, BicepFile>>> CompiledOnce = new(CompileAllAsync);

    private static string Compiler => typeof(Bicep).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "BicepCompiler").Value!;

    /// <summary>Each file of infra/, by its name without its ending.</summary>
    public static Task<IReadOnlyDictionary<string, BicepFile>> Compiled => CompiledOnce.Value;

    public static IReadOnlyList<string> Files => Directory.GetFiles(PathOf(""), "*.bicep");

    public static string PathOf(string file) => Repository.PathOf("infra", file);

    /// <summary>Builds and lints a file, of resources or of parameters.</summary>
    public static async Task<BicepFile> CompileAsync(string file)
    {
        var result = Result(await AskAsync("bicep/compile", new() { ["path"] = file }));
        return new(
            [.. result["diagnostics"]!.AsArray().Select(found => new BicepDiagnostic(
                (string)found!["source"]!, (int)found["range"]!["start"]!["line"]! + 1, (string)found["level"]!, (string)found["code"]!, (string)found["message"]!))],
            (bool)result["success"]! ? (string?)result["contents"] : null);
    }

    /// <summary>The file as its formatter would have it.</summary>
    public static async Task<string> FormatAsync(string file) => (string)Result(await AskAsync("bicep/format", new() { ["path"] = file }))["contents"]!;

    /// <summary>The resources that a file of parameters leads to, or what is said against it.</summary>
    /// <param name="resourceGroup">What it is deployed into; null: into the subscription.</param>
    public static async Task<(JsonObject? Snapshot, string? Refusal)> SnapshotAsync(string file, string? resourceGroup)
    {
        var nobody = Guid.Empty.ToString();
        var answer = await AskAsync("bicep/getSnapshot", new()
        {
            ["path"] = file,
            ["metadata"] = new JsonObject { ["tenantId"] = nobody, ["subscriptionId"] = nobody, ["resourceGroup"] = resourceGroup, ["location"] = "westeurope" },
        });
        return answer["error"] is { } error ? (null, error.ToJsonString()) : (JsonNode.Parse((string)answer["result"]!["snapshot"]!)!.AsObject(), null);
    }

    private static JsonNode Result(JsonObject answer) => answer["result"] ?? throw new InvalidOperationException(answer.ToJsonString());

    private static Task<JsonObject> AskAsync(string method, JsonObject parameters)
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64,
            "The Bicep compiler in the tests' packages is the one for Linux on x64.");
        return Session.Value.AskAsync(method, parameters);
    }

    private static async Task<IReadOnlyDictionary<string, BicepFile>> CompileAllAsync()
    {
        var compiled = new Dictionary<string, BicepFile>();
        foreach (var file in Files)
        {
            compiled[Path.GetFileNameWithoutExtension(file)] = await CompileAsync(file);
        }

        return compiled;
    }
}
