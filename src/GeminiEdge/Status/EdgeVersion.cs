using System.Reflection;

namespace GeminiEdge.Status;

/// <summary>Which version this is.</summary>
internal static class EdgeVersion
{
    public static readonly string Text = typeof(EdgeVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
}
