using System.Text.Json.Nodes;

namespace GeminiEdge.Tests.Infra;

public class AlertTests
{
    private static readonly string[] Alerts = ["all-keys-failed", "answered-502", "edge-trouble", "key-leaked", "key-rejected", "model-changed", "model-pin-broken", "model-retired", "old-in-use", "rotation-failures"];

    [Fact]
    public async Task Alerts_AreThese() => Assert.Equal(Alerts, (await RulesAsync()).Keys.Order(StringComparer.Ordinal));

    [Fact]
    public async Task Alerts_RunTheQueriesOfTheirFiles_OnTheWorkspace()
    {
        var workspace = (string)(await Deployment.Custom).Only("Microsoft.OperationalInsights/workspaces")["id"]!;
        Assert.All(await RulesAsync(), rule =>
        {
            Assert.Equal(EdgeQueries.Deployed($"{rule.Key}.kql"), (string?)Criterion(rule.Value)["query"]);
            Assert.Equal([workspace], rule.Value["scopes"]!.AsArray().Select(scope => (string?)scope));
            Assert.True((bool?)rule.Value["enabled"]);
        });
    }

    // Any row is an alert; which rows there are is the query's to say.
    [Fact]
    public async Task Alerts_FireOnTheFirstRow() => Assert.All((await RulesAsync()).Values, rule =>
    {
        var criterion = Criterion(rule);
        Assert.Equal(("Count", "GreaterThan", 0), ((string?)criterion["timeAggregation"], (string?)criterion["operator"], (int)criterion["threshold"]!));
        Assert.Equal("PT5M", (string?)rule["evaluationFrequency"]);
    });

    // https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-log-query: no rule is made of a query with one of these. The workbook may have them.
    [Fact]
    public async Task Alerts_SearchOneTable()
    {
        var analyzed = await EdgeQueries.Analyzed;

        Assert.All(Alerts, alert => Assert.Equal([], Operators(alert).Intersect(["UnionOperator", "SearchOperator", "FindOperator"])));
        Assert.Contains("UnionOperator", Operators("rotations"));

        IEnumerable<string> Operators(string query) => analyzed[$"{query}.kql"]!["operators"]!.AsArray().Select(name => name!.GetValue<string>());
    }

    // A fault of the edge's own is told by its type and place; its text would be a caller's.
    [Fact]
    public async Task EdgeTrouble_ShowsWhatTheFaultWas_AndWhere()
    {
        var columns = (await EdgeQueries.Analyzed)["edge-trouble.kql"]!["result"]!.AsArray().Select(column => EdgeQueries.Columns.SingleOrDefault(known => known.Name == (string?)column!["name"])?.Field);

        Assert.Superset(new HashSet<string?> { "message", "exception", "at" }, columns.ToHashSet());
    }

    // Azure Monitor splits an alert by a column of text that the query returns, and refuses any other.
    [Fact]
    public async Task Alerts_AreSplitByAColumnOfTheirResult()
    {
        var analyzed = await EdgeQueries.Analyzed;
        var split = 0;
        foreach (var (name, rule) in await RulesAsync())
        {
            foreach (var dimension in Criterion(rule)["dimensions"]!.AsArray())
            {
                var column = Assert.Single(analyzed[$"{name}.kql"]!["result"]!.AsArray(), column => (string?)column!["name"] == (string?)dimension!["name"])!;
                Assert.Equal("string", (string?)column["type"]);
                split++;
            }
        }

        Assert.Equal(7, split);
    }

    // The rotation alert compares what is up to two days old; a window shorter than that would cut its memory.
    [Fact]
    public async Task Alerts_LookBackAsFarAsTheirQueriesReach()
    {
        var windows = (await RulesAsync()).ToDictionary(rule => rule.Key, rule => (string)rule.Value["windowSize"]!);

        Assert.Equal("P2D", windows["rotation-failures"]);
        Assert.All(windows.Where(window => window.Key != "rotation-failures"), window => Assert.Equal("PT15M", window.Value));
    }

    [Fact]
    public async Task Alerts_ReachTheReceivers()
    {
        var group = "/subscriptions/1/resourceGroups/other/providers/Microsoft.Insights/actionGroups/pager";
        var deployment = await Deployment.WithAsync("param alertEmails = ['a@example.com', 'b@example.com']", $"param actionGroupIds = ['{group}']");
        var mail = deployment.Only("Microsoft.Insights/actionGroups");
        string[] receivers = [group, (string)mail["id"]!];

        Assert.Equal(["a@example.com", "b@example.com"], mail["properties"]!["emailReceivers"]!.AsArray().Select(receiver => (string?)receiver!["emailAddress"]));
        Assert.All(deployment.All("Microsoft.Insights/scheduledQueryRules"), rule => Assert.Equal(receivers, Ids(rule["properties"]!["actions"]!["actionGroups"]!)));
        Assert.Equal(receivers, Ids(deployment.Only("Microsoft.EventGrid/systemTopics/eventSubscriptions")["properties"]!["destination"]!["properties"]!["actionGroups"]!));
    }

    [Fact]
    public async Task Alerts_WithNobodyToTell_AreMadeAllTheSame()
    {
        var deployment = await Deployment.Isolated;

        Assert.Empty(deployment.All("Microsoft.Insights/actionGroups"));
        Assert.Equal(Alerts.Length, deployment.All("Microsoft.Insights/scheduledQueryRules").Count());
        Assert.Empty(deployment.All("Microsoft.Insights/webtests"));
    }

    [Fact]
    public async Task SecretNearExpiry_IsTheVaultsOwnEvent_AndAboutKeysAlone()
    {
        var deployment = await Deployment.Custom;
        var topic = deployment.Only("Microsoft.EventGrid/systemTopics")["properties"]!;
        var subscription = deployment.Only("Microsoft.EventGrid/systemTopics/eventSubscriptions")["properties"]!;
        var filter = subscription["filter"]!;

        Assert.Equal((string?)deployment.Only("Microsoft.KeyVault/vaults")["id"], (string?)topic["source"]);
        Assert.Equal(["Microsoft.KeyVault.SecretNearExpiry", "Microsoft.KeyVault.SecretExpired"], filter["includedEventTypes"]!.AsArray().Select(type => (string?)type));
        Assert.Equal("""[{"operatorType":"StringNotIn","key":"data.ObjectName","values":["GEMINI-API-KEY-OLD","GEMINI-API-KEY-LEAKED","GEMINI-EDGE-ROTATION"]}]""", filter["advancedFilters"]!.ToJsonString());

        // The only schema that this kind of destination takes.
        Assert.Equal(("MonitorAlert", "CloudEventSchemaV1_0"), ((string?)subscription["destination"]!["endpointType"], (string?)subscription["eventDeliverySchema"]));
    }

    [Fact]
    public async Task Health_IsAskedWhereTheEdgeAnswersIt()
    {
        var deployment = await Deployment.Custom;
        var test = deployment.Only("Microsoft.Insights/webtests")["properties"]!;
        var alert = deployment.Only("Microsoft.Insights/metricAlerts")["properties"]!;

        Assert.EndsWith("/api/health", (string?)test["Request"]!["RequestUrl"] is { } url ? ArmText.Evaluate(url) : "", StringComparison.Ordinal);
        Assert.Equal(200, (int)test["ValidationRules"]!["ExpectedHttpStatusCode"]!);
        Assert.Equal((string?)deployment.Only("Microsoft.Insights/webtests")["id"], (string?)alert["criteria"]!["webTestId"]);
    }

    [Fact]
    public async Task Workbook_RunsTheOtherQueries()
    {
        var deployment = await Deployment.Custom;
        var workspace = (string)deployment.Only("Microsoft.OperationalInsights/workspaces")["id"]!;
        var workbook = JsonNode.Parse((string)deployment.Only("Microsoft.Insights/workbooks")["properties"]!["serializedData"]!)!;
        var panels = workbook["items"]!.AsArray().Where(item => (int)item!["type"]! == 3).Select(item => item!["content"]!).ToList();

        Assert.Equal(EdgeQueries.Files.Except(Alerts.Select(alert => $"{alert}.kql")).Select(EdgeQueries.Deployed).Order(StringComparer.Ordinal), panels.Select(panel => (string)panel["query"]!).Order(StringComparer.Ordinal));
        Assert.All(panels, panel => Assert.Equal((workspace, "TimeRange"), ((string?)panel["crossComponentResources"]![0], (string?)panel["timeContextFromParameter"])));
        Assert.Contains(workbook["items"]!.AsArray(), item => (int)item!["type"]! == 9 && (string?)item["content"]!["parameters"]![0]!["name"] == "TimeRange");
    }

    private static async Task<Dictionary<string, JsonNode>> RulesAsync() => (await Deployment.Custom).All("Microsoft.Insights/scheduledQueryRules")
        .ToDictionary(rule => ((string)rule["name"]!)["geminiedge-".Length..], rule => rule["properties"]!);

    private static JsonNode Criterion(JsonNode rule) => Assert.Single(rule["criteria"]!["allOf"]!.AsArray())!;

    private static IEnumerable<string?> Ids(JsonNode groups) => groups.AsArray().Select(id => (string?)id);
}
