using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using GeminiEdge.Tests.Functions;

namespace GeminiEdge.Tests.Infra;

/// <summary>The Bicep compiler, as it was restored with the tests' packages.</summary>
internal static class Bicep
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private static readonly Lazy<Task<IReadOnlyDictionary<string, JsonObject>>> BuiltOnce = new(BuildAsync);

    private static string Compiler => typeof(Bicep).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "BicepCompiler").Value!;

    /// <summary>The ARM template of each file of infra/, by the file's name without its ending.</summary>
    public static Task<IReadOnlyDictionary<string, JsonObject>> Built => BuiltOnce.Value;

    /// <summary>Names all the files at once: the compiler takes longer to start than to compile them.</summary>
    public static string Pattern => PathOf("*.bicep");

    public static string PathOf(string file) => Repository.PathOf("infra", file);

    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64,
            "The Bicep compiler in the tests' packages is the one for Linux on x64.");
        using var process = Process.Start(new ProcessStartInfo(Compiler, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var patience = new CancellationTokenSource(Longest);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task<IReadOnlyDictionary<string, JsonObject>> BuildAsync()
    {
        var folder = Directory.CreateTempSubdirectory("geminiedge-infra-").FullName;
        try
        {
            var (exitCode, output, errors) = await RunAsync("build", "--pattern", Pattern, "--outdir", folder);
            Assert.Equal((0, ""), (exitCode, output + errors));
            return Directory.GetFiles(folder).ToDictionary(file => Path.GetFileNameWithoutExtension(file), file => JsonNode.Parse(File.ReadAllText(file))!.AsObject());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
