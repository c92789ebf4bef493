using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Functions.Host;

/// <summary>How an app started on wrong settings.</summary>
/// <param name="Status">The status of a prompt's answer.</param>
/// <param name="Body">Its body.</param>
/// <param name="Exits">How often the app ended.</param>
/// <param name="Lines">What the host's log holds, without times and without what a request said, in order.</param>
internal sealed record StartOutcome(int Status, string Body, int Exits, IReadOnlyList<string> Lines)
{
    private static readonly Lazy<Task<SharedUpstream>> Upstream = new(SharedUpstream.StartAsync);
    private static readonly Lazy<Task<IReadOnlyDictionary<string, StartOutcome>>> CustomHandler = new(() => StartAllAsync(HostingModel.CustomHandler));
    private static readonly Lazy<Task<IReadOnlyDictionary<string, StartOutcome>>> IsolatedWorker = new(() => StartAllAsync(HostingModel.IsolatedWorker));

    public IReadOnlyList<JsonObject> Events => [.. Lines.Select(line => JsonNode.Parse(line)!.AsObject())];

    /// <summary>Each of <see cref="WrongStart.All"/>, by its title; they were started a few at a time.</summary>
    public static Task<IReadOnlyDictionary<string, StartOutcome>> OfAsync(HostingModel model) =>
        (model == HostingModel.CustomHandler ? CustomHandler : IsolatedWorker).Value;

    private static async Task<IReadOnlyDictionary<string, StartOutcome>> StartAllAsync(HostingModel model)
    {
        var upstream = await Upstream.Value;
        var outcomes = new ConcurrentDictionary<string, StartOutcome>();
        await Parallel.ForEachAsync(
            WrongStart.All,
            new ParallelOptions { MaxDegreeOfParallelism = 2 * Environment.ProcessorCount },
            async (start, _) => outcomes[start.Key] = await StartAsync(model, upstream, start.Value));
        return outcomes;
    }

#pragma warning disable CA1031 // Each start has a test of its own, which shows its fault.
    private static async Task<StartOutcome> StartAsync(HostingModel model, SharedUpstream upstream, WrongStart start)
    {
        try
        {
            await using var edge = await HostedEdge.StartAsync(model, upstream, start.Settings);
            using var answer = await edge.GenerateAsync();
            var body = await answer.Content.ReadAsStringAsync();
            foreach (var name in start.Events)
            {
                await edge.Host.Log.WaitForAsync(name);
            }

            return new StartOutcome((int)answer.StatusCode, body, edge.Host.Exits + (edge.Host.Process.HasExited ? 1 : 0), Said(edge.Host.Log));
        }
        catch (Exception fault)
        {
            return new StartOutcome(0, fault.Message, 1, []);
        }
    }
#pragma warning restore CA1031

    private static IReadOnlyList<string> Said(LogCapture log) =>
        [.. log.Events.Where(line => !line.ContainsKey("request_id") && LogCapture.Name(line) != "key_state_changed").Select(line =>
        {
            line.Remove("time");
            return line.ToJsonString();
        }).Order(StringComparer.Ordinal)];
}
