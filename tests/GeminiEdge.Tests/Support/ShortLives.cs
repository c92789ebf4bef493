using System.Runtime.CompilerServices;

namespace GeminiEdge.Tests.Support;

/// <summary>The processes that tests start live for seconds.</summary>
internal static class ShortLives
{
    /// <summary>Each compiles its code once: compiling the busiest of it again, for later, would take more of the machine than all that they do.</summary>
    [ModuleInitializer]
    internal static void CompileOnce()
    {
        Environment.SetEnvironmentVariable("DOTNET_TieredPGO", "0");
        Environment.SetEnvironmentVariable("DOTNET_TC_CallCounting", "0");
    }
}
