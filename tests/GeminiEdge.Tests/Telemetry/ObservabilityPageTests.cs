using System.Text.RegularExpressions;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Telemetry;
using GeminiEdge.Tests.Functions;
using GeminiEdge.Tests.Infra;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace GeminiEdge.Tests.Telemetry;

/// <summary>docs/observability.md tells of every event, field, metric and attribute that there is, and asks for no other.</summary>
[Collection(nameof(Telemetry))]
public sealed partial class ObservabilityPageTests
{
    private static string Page => Repository.Read("docs", "observability.md");

    [Fact]
    public async Task Events_AreAllThereWithTheirFields()
    {
        foreach (var (name, line) in await EdgeEventLines.WriteAsync())
        {
            var row = Assert.Single(Page.Split('\n'), row => row.StartsWith("| `", StringComparison.Ordinal) && row.Split('|')[1].Contains($"`{name}`", StringComparison.Ordinal));
            Assert.All(line.Select(field => field.Key).Except(["time", "level", "event"]), field => Assert.Contains($"`{field}`", row, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Metrics_AreAllThereWithTheirTags()
    {
        var ring = new KeyRingProvider(TimeProvider.System, new KeyMask(), NullLogger<KeyRingProvider>.Instance);
        ring.Swap([new SlotValue(KeySlot.Primary, ApiKey.Create("abcdefghijklmnopqrstuvwxyz").Key!, null, null)], TimeProvider.System.GetUtcNow());
        using var meter = new FailoverMetrics(new ForwardingOptions(), ring, new ModelNames(new KeyMask()), TimeProvider.System);
        using var metrics = new MetricCapture(meter.Meter);
        meter.AttemptEnded(SampleAttempt.Full() with { Committed = true, ModelVersion = "gemini-3.8-flash" });
        metrics.Observe();

        Assert.Equal(8, metrics.All.Select(each => each.Name).Distinct().Count());
        Assert.All(metrics.All, each =>
        {
            Assert.Contains($"| `{each.Name}` |", Page, StringComparison.Ordinal);
            Assert.All(each.Tags.Keys, tag => Assert.Contains($"`{tag}`", Page, StringComparison.Ordinal));
        });
        var named = metrics.All.Select(each => each.Name.Replace('.', '_')).Concat(metrics.All.SelectMany(each => each.Tags.Keys).Select(tag => tag.Replace('.', '_'))).ToHashSet();
        Assert.Equal([], PromName().Matches(Page).Select(match => match.Value).Where(name => !named.Any(known => name == known || Suffixes.Any(suffix => name == known + suffix))));
    }

    [Fact]
    public async Task Queries_AreUnderstoodByKusto()
    {
        var folder = Directory.CreateTempSubdirectory("gemini-edge-queries-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "events.kql"), EdgeQueries.Events);
            var queries = KqlBlock().Matches(Page);
            Assert.InRange(queries.Count, 6, int.MaxValue);
            for (var i = 0; i < queries.Count; i++)
            {
                await File.WriteAllTextAsync(Path.Combine(folder.FullName, $"{i}.kql"), queries[i].Groups[1].Value);
            }

            var analyzed = await EdgeQueries.AnalyzeAsync(folder.FullName);

            Assert.All(Enumerable.Range(0, queries.Count), i => Assert.Empty(analyzed[$"{i}.kql"]!["errors"]!.AsArray()));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static readonly string[] Suffixes = ["_total", "_sum", "_seconds", "_seconds_count"];

    [GeneratedRegex(@"```kql\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex KqlBlock();

    [GeneratedRegex(@"(?<![\w.])(gemini_edge|gen_ai)_\w+")]
    private static partial Regex PromName();
}
