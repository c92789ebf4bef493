using System.Diagnostics;

namespace GeminiEdge.Tests.Functions.Func;

/// <summary>
/// The repository as somebody has just cloned it, and what func makes of it, once for all tests: first `dotnet run`, as the
/// README says, then `func start`, then `func azure functionapp publish`.
/// </summary>
public sealed class FuncClone : IDisposable
{
    // Whatever lies in an output's folder is no source.
    private static readonly string[] Leftovers = ["bin/publish/Leftover.cs", "obj/Leftover.cs"];

    // The worker's SDK asks for its version, then starts it.
    private const string Func = """
        #!/usr/bin/env bash
        if [[ $1 == --version ]]; then echo 4.15.1; exit; fi
        printf '%s\n' "$PWD" "$*" > "$(dirname "$0")/asked"
        """;

    private static readonly string[] NotInAClone = ["bin", "obj", "artifacts", ".git"];

    private readonly string _folder = Directory.CreateTempSubdirectory("gemini-edge-clone-").FullName;
    private readonly Lazy<Task<(string Folder, string Command)>> _run;
    private readonly Lazy<Task<(string Folder, string Output)>> _start;
    private readonly Lazy<Task<(FuncPackage Package, string Output)>> _publish;

    public FuncClone()
    {
        Copy(new DirectoryInfo(Repository.PathOf()), _folder, recursive: false);
        Copy(new DirectoryInfo(Repository.PathOf("src")), Path.Combine(_folder, "src"), recursive: true);
        Project = Path.Combine(_folder, "src", "GeminiEdge.Functions");
        _run = new(RunOnceAsync);
        _start = new(StartOnceAsync);
        _publish = new(PublishOnceAsync);
    }

    public string Project { get; }

    /// <summary>dotnet run: the folder that func is started in, and its arguments.</summary>
    public Task<(string Folder, string Command)> RunAsync() => _run.Value;

    /// <summary>func start, after it: the folder that the host is started in, and what func prints.</summary>
    public Task<(string Folder, string Output)> StartAsync() => _start.Value;

    /// <summary>func azure functionapp publish, after it: what is uploaded, and what func prints.</summary>
    internal Task<(FuncPackage Package, string Output)> PublishAsync() => _publish.Value;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<(string Folder, string Command)> RunOnceAsync()
    {
        var programs = Directory.CreateDirectory(Path.Combine(_folder, "programs")).FullName;
        await File.WriteAllTextAsync(Path.Combine(programs, "func"), Func);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path.Combine(programs, "func"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var start = new ProcessStartInfo("dotnet", ["run"]) { WorkingDirectory = Project, RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{programs}:{start.Environment["PATH"]}";
        Dotnet.Prepare(start);
        using var dotnet = Process.Start(start)!;
        var output = await dotnet.StandardOutput.ReadToEndAsync();
        await dotnet.WaitForExitAsync();
        Assert.True(dotnet.ExitCode == 0, output);
        var asked = await File.ReadAllLinesAsync(Path.Combine(programs, "asked"));
        return (asked[0], asked[1]);
    }

    private async Task<(string Folder, string Output)> StartOnceAsync()
    {
        await RunAsync();
        foreach (var leftover in Leftovers.Select(file => Path.Combine(Project, file)))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(leftover)!);
            await File.WriteAllTextAsync(leftover, "no C# at all");
        }

        return await DoAsync(func => func.StartAsync());
    }

    private async Task<(FuncPackage Package, string Output)> PublishOnceAsync()
    {
        await StartAsync();
        return await DoAsync(func => func.PublishAsync());
    }

    private async Task<(T Result, string Output)> DoAsync<T>(Func<CoreTools, Task<T>> command)
    {
        var func = new CoreTools(Project);
        try
        {
            return (await command(func), func.Output);
        }
        catch (FuncException error)
        {
            throw new InvalidOperationException($"{error.Message}\n{func.Output}", error);
        }
    }

    private static void Copy(DirectoryInfo from, string to, bool recursive)
    {
        Directory.CreateDirectory(to);
        foreach (var file in from.GetFiles().Where(file => file.Name != "local.settings.json"))
        {
            file.CopyTo(Path.Combine(to, file.Name));
        }

        foreach (var folder in recursive ? from.GetDirectories().Where(folder => !NotInAClone.Contains(folder.Name)) : [])
        {
            Copy(folder, Path.Combine(to, folder.Name), recursive);
        }
    }
}
