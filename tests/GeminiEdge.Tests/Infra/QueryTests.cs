using System.Text.Json;
using System.Text.Json.Nodes;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Functions;

namespace GeminiEdge.Tests.Infra;

/// <summary>Holds the queries and the edge's log together: an alert on a name that nobody writes never fires.</summary>
public class QueryTests
{
    public static TheoryData<string> Files => [.. EdgeQueries.Files];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Query_IsValidKusto(string file) => Assert.Empty((await EdgeQueries.Analyzed)[file]!["errors"]!.AsArray());

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Query_AsksForEventsThatTheEdgeWrites_AndFieldsThatTheyCarry(string file)
    {
        var lines = await EdgeEventLines.WriteAsync();
        foreach (var pipeline in await PipelinesAsync(file))
        {
            var events = Texts(pipeline["events"]!);
            Assert.NotEmpty(events);
            Assert.Equal([], events.Where(name => !lines.ContainsKey(name)));
            Assert.Equal([], Asked(pipeline, "event").Except(events));

            var used = pipeline["columns"]!.AsArray().Select(column => column!.GetValue<string>()).Except(["TimeGenerated", "AppRoleInstance"]);
            Assert.Equal([], used.Where(column => !events.Any(name => lines[name].ContainsKey(Field(column)))));
            Assert.Equal([], events.Where(name => !used.Except(["event"]).Any(column => lines[name].ContainsKey(Field(column)))));
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Query_ComparesWithWordsThatTheEdgeUses(string file)
    {
        var words = new Dictionary<string, string[]>
        {
            ["verdict"] = [.. Enum.GetValues<Verdict>().Select(verdict => Consequence.Of(verdict).Name)],
            ["call_kind"] = [.. Enum.GetValues<CallKind>().Select(kind => kind.Name())],
            ["new_state"] = [.. Enum.GetValues<KeyState>().Select(state => state.Name())],
            ["slot"] = [.. KeySlots.All.Select(slot => slot.Name())],
        };
        foreach (var pipeline in await PipelinesAsync(file))
        {
            foreach (var column in pipeline["asked"]!.AsObject().Select(asked => asked.Key).Where(column => column != "event"))
            {
                Assert.Equal([], Asked(pipeline, column).Except(words[column]));
            }
        }
    }

    [Fact]
    public async Task Table_HasOnlyFieldsThatTheEdgeWrites_AsWhatTheyAre()
    {
        var lines = (await EdgeEventLines.WriteAsync()).Values;

        Assert.NotEmpty(EdgeQueries.Columns);
        Assert.All(EdgeQueries.Columns, column =>
        {
            var kinds = lines.Where(line => line.ContainsKey(column.Field)).Select(line => Conversion(line[column.Field]!.GetValueKind())).Distinct();
            Assert.Equal([column.Conversion], kinds);
        });
    }

    // What the regular expression of these tests does not see would pass unchecked.
    [Fact]
    public void Table_EveryFieldOfALine_IsAColumnThatIsChecked() =>
        Assert.Equal(EdgeQueries.Events.Split("(line").Length - 1, EdgeQueries.Columns.Count);

    [Fact]
    public async Task Table_HasNoColumnThatNoQueryUses()
    {
        var used = new HashSet<string>();
        foreach (var file in EdgeQueries.Files)
        {
            used.UnionWith((await PipelinesAsync(file)).SelectMany(pipeline => pipeline["columns"]!.AsArray()).Select(column => column!.GetValue<string>()));
        }

        Assert.Equal([], EdgeQueries.Columns.Select(column => column.Name).Except(used));
    }

    // events.kql takes a trace for an event by its first character and by the event's name, a word of its own.
    [Fact]
    public async Task Lines_AreWhatTheTableTakesForEvents() => Assert.All(await EdgeEventLines.WriteAsync(), line =>
    {
        var text = line.Value.ToJsonString();
        Assert.StartsWith("{", text, StringComparison.Ordinal);
        Assert.Contains($"\"{line.Key}\"", text, StringComparison.Ordinal);
    });

    // A rule looks at up to two days of traces each five minutes: those of other events are left out by the index.
    [Fact]
    public void Table_ParsesOnlyTheLinesAskedFor() =>
        Assert.InRange(EdgeQueries.Events.IndexOf("Message has_any (names)", StringComparison.Ordinal), 0, EdgeQueries.Events.IndexOf("parse_json(", StringComparison.Ordinal));

    // Its table is used twice: to find the rotation, and to count before and after it.
    [Theory]
    [InlineData("rotation-failures.kql")]
    [InlineData("rotations.kql")]
    public async Task Query_OfRotations_ReadsTheLogOnce(string file)
    {
        Assert.Single(await PipelinesAsync(file));
        Assert.Contains("materialize(EdgeEvents(", EdgeQueries.Read(file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("host.json")]
    [InlineData("src/GeminiEdge.Server/CustomHandler/host.json")]
    public async Task Tables_ThatQueriesCount_AreNotSampled(string hostFile)
    {
        var sampling = JsonNode.Parse(Repository.Read(hostFile))!["logging"]!["applicationInsights"]!["samplingSettings"]!;
        var component = (await Deployment.Custom).Only("Microsoft.Insights/components")["properties"]!;

        Assert.Equal([], ((string[])["Trace", "Request"]).Except(((string)sampling["excludedTypes"]!).Split(';')));
        Assert.Equal(100, (int)component["SamplingPercentage"]!);
    }

    // With it the host's own sampling above counts no more: its exporter's does.
    [Fact]
    public async Task Requests_ThatAHostOfOpenTelemetryTells_AreNotSampled()
    {
        var settings = (await Deployment.Isolated).AppSettings;

        Assert.Equal(("microsoft.fixed_percentage", "1.0"), (settings["OTEL_TRACES_SAMPLER"], settings["OTEL_TRACES_SAMPLER_ARG"]));
    }

    private static async Task<IEnumerable<JsonNode>> PipelinesAsync(string file) => (await EdgeQueries.Analyzed)[file]!["pipelines"]!.AsArray().Select(pipeline => pipeline!);

    private static string[] Asked(JsonNode pipeline, string column) => pipeline["asked"]![column] is { } asked ? Texts(asked) : [];

    private static string[] Texts(JsonNode values) => [.. values.AsArray().Select(value => value!.GetValue<string>())];

    private static string Field(string column) => EdgeQueries.Columns.Single(candidate => candidate.Name == column).Field;

    private static string Conversion(JsonValueKind kind) => kind switch
    {
        JsonValueKind.String => "tostring",
        JsonValueKind.Number => "tolong",
        _ => "tobool",
    };
}
