using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GeminiEdge.Tests.Functions;

/// <summary>A function as a hosting model declares it; no methods means every method.</summary>
internal sealed partial record HostedFunction(string Name, string Route, string AuthLevel, string Methods = "")
{
    public static IReadOnlyList<HostedFunction> OfCustomHandler() =>
        [.. Directory.GetDirectories(Repository.PathOf("src", "GeminiEdge.Server", "CustomHandler"))
            .Select(folder => FromFunctionFile(Path.GetFileName(folder)))
            .OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase)];

    public static IReadOnlyList<HostedFunction> OfIsolatedWorker() =>
        [.. FunctionMethod().Matches(Repository.Read("src", "GeminiEdge.Functions", "EdgeFunctions.cs"))
            .Select(match => new HostedFunction(
                match.Groups["name"].Value,
                match.Groups["route"].Value,
                match.Groups["level"].Value.ToLowerInvariant(),
                match.Groups["methods"].Value))
            .OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase)];

    private static HostedFunction FromFunctionFile(string name)
    {
        var bindings = JsonNode.Parse(Repository.Read("src", "GeminiEdge.Server", "CustomHandler", name, "function.json"))!["bindings"]!.AsArray();
        var trigger = Assert.Single(bindings, binding => (string?)binding!["type"] == "httpTrigger")!;
        Assert.Equal("in", (string?)trigger["direction"]);
        Assert.Single(bindings, binding => (string?)binding!["type"] == "http" && (string?)binding["direction"] == "out");
        return new(name, (string)trigger["route"]!, (string)trigger["authLevel"]!, trigger["methods"]?.ToJsonString() ?? "");
    }

    [GeneratedRegex("""
        \[Function\("(?<name>[^"]+)"\)\]\s+public\ Task\ \w+\(\[HttpTrigger\(AuthorizationLevel\.(?<level>\w+)(?<methods>[^)]*?),\ Route\ =\ "(?<route>[^"]+)"\)\]
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex FunctionMethod();
}
