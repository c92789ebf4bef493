using System.Runtime.InteropServices;

namespace GeminiEdge.Cli.Drill;

/// <summary>The <c>dotnet</c> that runs this process, however it was started; PATH may hold another one or none.</summary>
internal static class DotnetHost
{
    // The runtime's folder is <root>/shared/Microsoft.NETCore.App/<version>.
    public static string Path { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(
        RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
}
