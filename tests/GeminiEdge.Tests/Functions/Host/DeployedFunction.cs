using System.Text.Json.Nodes;
using GeminiEdge.Tests.Functions.Host.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Template;

namespace GeminiEdge.Tests.Functions.Host;

/// <summary>A function of an app, as the host registers it.</summary>
internal sealed class DeployedFunction
{
    private readonly TemplateMatcher _matcher;

    private DeployedFunction(string id, string name, IEnumerable<JsonNode?> bindings, string routePrefix)
    {
        var trigger = bindings.Single(binding => "httpTrigger".Equals((string?)binding!["type"], StringComparison.OrdinalIgnoreCase))!;
        var route = (string)trigger["route"]!;
        (Id, Name, TriggerName) = (id, name, (string)trigger["name"]!);
        AuthLevel = ((string?)trigger["authLevel"] ?? "function").ToLowerInvariant();
        _matcher = new TemplateMatcher(TemplateParser.Parse(routePrefix.Length == 0 ? route : $"{routePrefix}/{route}"), []);
    }

    /// <summary>By which a worker knows it.</summary>
    public string Id { get; }

    public string Name { get; }

    public string TriggerName { get; }

    /// <summary><c>anonymous</c>, <c>function</c> or <c>admin</c>.</summary>
    public string AuthLevel { get; }

    /// <summary>The functions that a folder's files declare, in the order in which the host tries them.</summary>
    public static IReadOnlyList<DeployedFunction> Of(string appRoot, string routePrefix) =>
        InOrder(Directory.GetFiles(appRoot, "function.json", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 })
            .Select(file => (Name: Path.GetFileName(Path.GetDirectoryName(file))!, Bindings: JsonNode.Parse(File.ReadAllText(file))!["bindings"]!.AsArray()))
            .Select(declared => new DeployedFunction(declared.Name, declared.Name, declared.Bindings, routePrefix)));

    /// <summary>The functions that a worker names, in the order in which the host tries them.</summary>
    public static IReadOnlyList<DeployedFunction> Of(IEnumerable<RpcFunctionMetadata> named, string routePrefix) =>
        InOrder(named.Select(function => new DeployedFunction(
            function.FunctionId, function.Name, function.RawBindings.Select(binding => JsonNode.Parse(binding)), routePrefix)));

    public bool Matches(PathString path) => _matcher.TryMatch(path, []);

    private static IReadOnlyList<DeployedFunction> InOrder(IEnumerable<DeployedFunction> functions) =>
        [.. functions.OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase)];
}
