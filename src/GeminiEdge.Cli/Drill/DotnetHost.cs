using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GeminiEdge.Cli.Drill;

/// <summary>The <c>dotnet</c> that runs this process, however it was started; PATH may hold another one or none.</summary>
internal static class DotnetHost
{
    // Everything else of the user's environment could be a setting.
    private static readonly string[] Inherited = ["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SystemRoot", "DOTNET_ROOT", "LD_LIBRARY_PATH"];

    // The runtime's folder is <root>/shared/Microsoft.NETCore.App/<version>.
    public static readonly string Executable = Path.GetFullPath(Path.Combine(
        RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    /// <summary>How to start an assembly that stands beside this one, with these settings and none of the user's.</summary>
    public static ProcessStartInfo Start(string assembly, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> settings)
    {
        var start = new ProcessStartInfo(Executable, [Path.Combine(AppContext.BaseDirectory, assembly), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        foreach (var name in start.Environment.Keys.Except(Inherited, StringComparer.OrdinalIgnoreCase).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return start;
    }
}
