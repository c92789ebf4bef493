using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GeminiEdge.Tests.Functions;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Infra;

/// <summary>A column of EdgeEvents, and the field of a log line that it is taken from.</summary>
internal sealed record EventColumn(string Name, string Conversion, string Field);

/// <summary>The queries of infra/queries, and what Microsoft's own parser finds in them.</summary>
internal static partial class EdgeQueries
{
    private static readonly NodePackages Packages = new("Infra");
    private static readonly Lazy<Task<JsonObject>> AnalyzedOnce = new(() => AnalyzeAsync(Repository.PathOf("infra", "queries")));

    /// <summary>By file: errors, result, pipelines.</summary>
    public static Task<JsonObject> Analyzed => AnalyzedOnce.Value;

    public static string Events => Read("events.kql");

    public static IReadOnlyList<string> Files =>
        [.. Directory.GetFiles(Repository.PathOf("infra", "queries")).Select(file => Path.GetFileName(file)).Where(file => file != "events.kql").Order(StringComparer.Ordinal)];

    /// <summary>The table in events.kql: its columns, apart from those that the platform fills.</summary>
    public static IReadOnlyList<EventColumn> Columns =>
        [.. ColumnLine().Matches(Events).Select(match => new EventColumn(match.Groups["name"].Value, match.Groups["conversion"].Value, match.Groups["field"].Value))];

    public static string Read(string file) => Repository.Read("infra", "queries", file);

    /// <summary>The text that is deployed for a file: the events, then the query.</summary>
    public static string Deployed(string file) => $"{Events}\n{Read(file)}";

    /// <summary>What the parser finds in the queries of a folder, behind its own events.kql.</summary>
    public static async Task<JsonObject> AnalyzeAsync(string folder)
    {
        var (exitCode, output) = await Packages.RunAsync("queries.js", ("QUERIES", folder));
        Assert.True(exitCode == 0, output);
        return JsonNode.Parse(output)!.AsObject();
    }

    [GeneratedRegex(@"^\s+(?<name>\w+) = (?<conversion>to\w+)\(line(\.(?<field>\w+)|\['(?<field>\w+)'\])\),?\r?$", RegexOptions.Multiline)]
    private static partial Regex ColumnLine();
}
