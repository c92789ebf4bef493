using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Template;

namespace GeminiEdge.Tests.Functions.Host;

/// <summary>A function of a published folder, as the host registers it.</summary>
internal sealed class DeployedFunction
{
    private readonly TemplateMatcher _matcher;

    private DeployedFunction(string name, string route, string authLevel)
    {
        (Name, AuthLevel) = (name, authLevel);
        _matcher = new TemplateMatcher(TemplateParser.Parse(route), []);
    }

    public string Name { get; }

    /// <summary><c>anonymous</c>, <c>function</c> or <c>admin</c>.</summary>
    public string AuthLevel { get; }

    /// <summary>The functions of a folder, in the order in which the host tries them.</summary>
    public static IReadOnlyList<DeployedFunction> Of(string appRoot, string routePrefix) =>
        [.. Directory.GetFiles(appRoot, "function.json", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
            .Select(file => Read(file, routePrefix))
            .OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase)];

    public bool Matches(PathString path) => _matcher.TryMatch(path, []);

    private static DeployedFunction Read(string file, string routePrefix)
    {
        var trigger = JsonNode.Parse(File.ReadAllText(file))!["bindings"]!.AsArray().Single(binding => (string?)binding!["type"] == "httpTrigger")!;
        var route = (string)trigger["route"]!;
        return new(
            Path.GetFileName(Path.GetDirectoryName(file))!,
            routePrefix.Length == 0 ? route : $"{routePrefix}/{route}",
            ((string?)trigger["authLevel"] ?? "function").ToLowerInvariant());
    }
}
