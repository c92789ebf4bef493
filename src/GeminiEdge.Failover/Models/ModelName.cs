using System.Text.RegularExpressions;

namespace GeminiEdge.Failover.Models;

/// <summary>The name of a model, with or without <c>models/</c>.</summary>
internal static partial class ModelName
{
    public static bool IsValid(string name) => Pattern().IsMatch(name);

    public static string WithoutPrefix(string name) => name.StartsWith("models/", StringComparison.Ordinal) ? name["models/".Length..] : name;

    [GeneratedRegex(@"^(models/)?[A-Za-z0-9._-]{1,128}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
