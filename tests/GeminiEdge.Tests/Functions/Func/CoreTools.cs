using System.Diagnostics;
using System.Text.RegularExpressions;

namespace GeminiEdge.Tests.Functions.Func;

/// <summary>
/// Stands in for `func` of an isolated worker: finds, builds and packs what it does, with its very commands, and stops where it
/// would start the host or ask Azure. After StartHostAction and PublishFunctionAppAction of Azure/azure-functions-core-tools at
/// 3ee97a633, August 2026.
/// </summary>
internal sealed partial class CoreTools(string folder)
{
    /// <summary>Variables that the caller's shell has set.</summary>
    public Dictionary<string, string> Environment { get; init; } = [];

    /// <summary>What func prints of its own, and what the commands print that it runs.</summary>
    public string Output { get; private set; } = "";

    /// <summary>func start: the folder that the host is started in.</summary>
    public async Task<string> StartAsync()
    {
        NeedIsolatedWorker();
        return await BuildAsync("bin/output", []);
    }

    /// <summary>func azure functionapp publish APP, for an app on Flex Consumption: the package that is uploaded.</summary>
    public async Task<FuncPackage> PublishAsync()
    {
        NeedIsolatedWorker();
        var root = AppRoot.Find(folder, "host.json");
        var ignored = Path.Combine(root, ".funcignore") is var file && File.Exists(file) ? new FuncIgnore(await File.ReadAllTextAsync(file)) : null;
        var version = AppRoot.FindProject(root) is { } project ? await ReadVersionAsync(project) : null;
        var built = await BuildAsync("bin/publish", ["--configuration", "release"]);
        return version is not null
            ? new(AppRoot.Find(built, "host.json"), version, ignored)
            : throw new FuncException("You are deploying .NET Isolated  to Flex consumption. Flex consumpton supports .NET 10.0, 9.0, 8.0. Please upgrade your app to an appropriate .NET version and try the deployment again.");
    }

    private void NeedIsolatedWorker()
    {
        var settings = ReadSettings();
        Output += settings?.Warning;
        if ((Environment.GetValueOrDefault("FUNCTIONS_WORKER_RUNTIME") ?? settings?.Values.GetValueOrDefault("FUNCTIONS_WORKER_RUNTIME")) != "dotnet-isolated")
        {
            Output += "Can't determine project language from files. Please use one of [--dotnet-isolated, --dotnet, --javascript, --typescript, --python, --powershell, --custom, --go (preview)]";
            throw new FuncException("Worker runtime cannot be 'None'. Please set a valid runtime.");
        }
    }

    // It swallows what is wrong with the settings, and misses the worker's kind afterwards.
    private LocalSettings? ReadSettings()
    {
        try
        {
            return LocalSettings.Read(folder);
        }
        catch (FuncException)
        {
            return null;
        }
    }

    private async Task<string> BuildAsync(string output, string[] parameters)
    {
        var projects = AppRoot.Projects(folder).Count;
        if (projects > 1)
        {
            throw new FuncException($"Can't determine Project to build. Expected 1 .csproj or .fsproj but found {projects}");
        }

        if (projects == 0)
        {
            return folder;
        }

        var path = Path.Combine(folder, output);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        return await DotnetAsync(["build", "--output", output, .. parameters]) == 0 ? path : throw new FuncException("Error building project");
    }

    private async Task<string?> ReadVersionAsync(string project)
    {
        var before = Output.Length;
        var exitCode = await DotnetAsync(["msbuild", project, "-nologo", "-v:q", "-restore:false", "-getProperty:TargetFrameworks", "-getProperty:TargetFramework"]);
        return exitCode == 0 && Framework().Match(Output[before..]) is { Success: true } framework ? framework.Groups["version"].Value : null;
    }

    private async Task<int> DotnetAsync(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        Dotnet.Prepare(start);
        using var dotnet = Process.Start(start)!;
        Output += await dotnet.StandardOutput.ReadToEndAsync();
        await dotnet.WaitForExitAsync();
        return dotnet.ExitCode;
    }

    [GeneratedRegex(@"net(?<version>\d+\.\d)")]
    private static partial Regex Framework();
}
