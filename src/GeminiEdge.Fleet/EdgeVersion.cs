using System.Reflection;

namespace GeminiEdge.Fleet;

/// <summary>Which version this is: the same in the fleet register, the status, the telemetry and <c>--version</c>. A release takes it from its tag.</summary>
internal static class EdgeVersion
{
    public static readonly string Text = typeof(EdgeVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
}
