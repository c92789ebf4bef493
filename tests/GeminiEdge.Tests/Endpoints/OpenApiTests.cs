using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GeminiEdge.Configuration;
using GeminiEdge.Endpoints;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Fleet;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Functions;
using GeminiEdge.Tests.Status;
using GeminiEdge.Tests.Support;
using Microsoft.OpenApi;

namespace GeminiEdge.Tests.Endpoints;

/// <summary>The OpenAPI document is held against the running app: what it promises comes, and what comes it knows.</summary>
public sealed partial class OpenApiTests
{
    private const string Caller = "caller-key-0123456789";
    private const string Prompt = """{"prompt":"Say hello"}""";

    // One that answers well for each route; a route without one fails.
    private static readonly Dictionary<string, (string Target, string? Body)> Requests = new()
    {
        ["GET /"] = ("/", null),
        ["POST /api/generate"] = ("/api/generate", Prompt),
        ["GET /api/health"] = ("/api/health", null),
        ["GET /api/openapi.json"] = ("/api/openapi.json", null),
        ["GET /api/status"] = ("/api/status", null),
        ["GET /api/admin/status"] = ("/api/admin/status", null),
        ["GET /api/admin/status/events"] = ("/api/admin/status/events", null),
        ["POST /api/admin/refresh"] = ("/api/admin/refresh", null),
        ["POST /api/admin/probe"] = ("/api/admin/probe", null),
        ["POST /api/admin/sandbox/{action}"] = ("/api/admin/sandbox/slow?slot=SECONDARY", null),
    };

    [Fact]
    public async Task Document_IsOpenApi31WithoutAFault()
    {
        await using var edge = await EdgeHost.StartAsync();
        var document = await EdgeDocument.ReadAsync(edge.Client);

        var read = OpenApiDocument.Parse(document.Text, "json");

        Assert.Empty(read.Diagnostic!.Errors.Select(error => $"{error.Pointer} {error.Message}"));
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
        Assert.Equal(EdgeVersion.Text, (string?)document.Json["info"]!["version"]);
        Assert.Equal(document.Routes.Count(), read.Document!.Paths.Sum(path => path.Value.Operations!.Count));
    }

    [Fact]
    public async Task Routes_OfALocalRun_AllAnswerAsDocumented()
    {
        await using var edge = EdgeProcess.Start(("ASPNETCORE_URLS", "http://127.0.0.1:0"), ("ASPNETCORE_ENVIRONMENT", "Development"));
        using var client = new HttpClient { BaseAddress = await edge.Listening };
        var document = await EdgeDocument.ReadAsync(client);

        Assert.Equal(document.Routes.Order(StringComparer.Ordinal), Requests.Keys.Order(StringComparer.Ordinal));
        foreach (var route in document.Routes)
        {
            using var response = await SendAsync(client, route);
            Assert.Equal(200, (int)response.StatusCode);
            await document.AssertAnswerAsync(route, response);
        }
    }

    [Theory]
    [InlineData("POST /api/generate", "{", 400)]
    [InlineData("POST /api/generate", """{"prompt":"x","colour":"red"}""", 400)]
    [InlineData("POST /api/generate", """{"prompt":"x","model":"gemini-0-none"}""", 404)]
    [InlineData("POST /api/generate", """{"prompt":"x","generationConfig":{"temperature":"warm"}}""", 400)]
    [InlineData("POST /api/generate", Prompt, 415, "text/plain")]
    [InlineData("POST /api/admin/sandbox/{action}", null, 404)]
    public async Task Requests_ThatAreWrong_AreRefusedAsDocumented(string route, string? body, int status, string type = "application/json")
    {
        await using var edge = await EdgeHost.StartAsync();
        var document = await EdgeDocument.ReadAsync(edge.Client);

        using var response = await edge.SendAsync(route.Split(' ')[0], Requests[route].Target, body ?? "", type);

        Assert.Equal(status, (int)response.StatusCode);
        await document.AssertAnswerAsync(route, response);
    }

    [Fact]
    public async Task Requests_BeyondTheBodyLimit_AreRefusedAsDocumented()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GeminiEdge:BodyLimit"] = "1024" } });
        var document = await EdgeDocument.ReadAsync(edge.Client);

        using var response = await edge.GenerateAsync(new string('x', 2000));

        Assert.Equal(413, (int)response.StatusCode);
        await document.AssertAnswerAsync("POST /api/generate", response);
    }

    [Fact]
    public async Task Keys_AllHaveFailed_IsToldAsDocumented()
    {
        await using var edge = await EdgeHost.StartAsync();
        var document = await EdgeDocument.ReadAsync(edge.Client);
        (edge.Primary.State, edge.Secondary.State) = (SandboxKeyState.Expired, SandboxKeyState.QuotaMinute);

        using var response = await edge.GenerateAsync();
        using var native = await edge.NativeAsync();

        Assert.Equal(502, (int)response.StatusCode);
        await document.AssertAnswerAsync("POST /api/generate", response);
        document.AssertFits("GoogleError", JsonNode.Parse(await native.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        using var health = await edge.GetAsync("/api/health");
        await document.AssertAnswerAsync("GET /api/health", health);
        using var probe = await edge.SendAsync("POST", "/api/admin/probe");
        await document.AssertAnswerAsync("POST /api/admin/probe", probe);
        using var status = await edge.GetAsync("/api/admin/status");
        await document.AssertAnswerAsync("GET /api/admin/status", status);
    }

    // Without a client key every route that asks for one says so; with wrong settings none of them answers.
    [Theory]
    [InlineData(401)]
    [InlineData(503)]
    public async Task Routes_ThatTakeAKey_RefuseAsDocumented(int status)
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup
        {
            Hosting = status == 401 ? Hosting.Standalone : Hosting.Development,
            Settings = { [status == 401 ? "GEMINI_EDGE_CLIENT_KEYS" : "GEMINI_MODEL"] = status == 401 ? Caller : "a b" },
        });
        var document = EdgeDocument.OfSources();
        foreach (var route in document.Routes)
        {
            var isOpen = document.Json["paths"]![route.Split(' ')[1]]![route.Split(' ')[0].ToLowerInvariant()]!["security"]!.AsArray().Count == 0;
            using var response = await SendAsync(edge.Client, route);

            Assert.Equal(!isOpen, (int)response.StatusCode == status && response.Content.Headers.ContentType!.MediaType == "application/problem+json");
            await document.AssertAnswerAsync(route, response);
        }
    }

    [Theory]
    [InlineData("GET", Caller, 200)]
    [InlineData("HEAD", Caller, 200)]
    [InlineData("POST", Caller, 405)]
    [InlineData("GET", null, 401)]
    public async Task Document_IsForWhoMayGenerate(string method, string? key, int status)
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Hosting = Hosting.Standalone, Settings = { ["GEMINI_EDGE_CLIENT_KEYS"] = Caller } });
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/openapi.json");
        if (key is not null)
        {
            request.Headers.Add("x-goog-api-key", key);
        }

        using var response = await edge.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(method == "HEAD", (await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Length == 0);
        Assert.NotEqual(0, response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Document_BehindTheFunctionsHost_AsksForNothingMoreThanTheHost()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Hosting = Hosting.IsolatedWorker });

        Assert.Equal("3.1.0", (string?)(await EdgeDocument.ReadAsync(edge.Client)).Json["openapi"]);
    }

    [Fact]
    public async Task Streams_OfAPrompt_HoldTheEventsThatAreDocumented()
    {
        await using var edge = await EdgeHost.StartAsync();
        var document = await EdgeDocument.ReadAsync(edge.Client);

        using var response = await edge.GenerateAsync(stream: true);
        await document.AssertAnswerAsync("POST /api/generate", response);
        var events = (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.All(events[..^1], text => document.AssertFits("TextEvent", JsonNode.Parse(text["data: ".Length..])));
        Assert.StartsWith("event: done\ndata: ", events[^1], StringComparison.Ordinal);
        document.AssertFits("DoneEvent", JsonNode.Parse(events[^1]["event: done\ndata: ".Length..]));
    }

    [Fact]
    public async Task Streams_OfTheStatus_HoldTheEventsThatAreDocumented()
    {
        await using var edge = await EdgeHost.StartAsync();
        var document = await EdgeDocument.ReadAsync(edge.Client);
        using var page = await StatusStream.OpenAsync(edge.Client);
        edge.Primary.State = SandboxKeyState.Expired;

        document.AssertFits("Status", await page.NextAsync("status"));
        (await edge.GenerateAsync()).EnsureSuccessStatusCode();

        document.AssertFits("AttemptSeen", await page.NextAsync("attempt"));
        document.AssertFits("Change", await page.NextAsync("change"));
        document.AssertFits("KeyStatus", await page.NextAsync("key"));
        document.AssertFits("Minute", await page.NextAsync("minute"));
        document.AssertFits("ModelStatus", await page.NextAsync("model"));
    }

    [Fact]
    public void Codes_OfTheErrors_AreThoseOfTheCode()
    {
        var documented = EdgeDocument.OfSources().Json["components"]!["schemas"]!["ErrorCode"]!;

        Assert.Equal(EndpointErrors.All.Select(error => error.Code).Append("upstream_rejected").Order(StringComparer.Ordinal), Texts(documented["enum"]).Order(StringComparer.Ordinal));
        Assert.All(EndpointErrors.All, error => Assert.Contains($"| `{error.Code}` | {error.Status} | ", (string?)documented["description"], StringComparison.Ordinal));
    }

    [Fact]
    public void Verdicts_AreThoseOfTheCode() => Assert.Equal(
        Enum.GetValues<Verdict>().Select(verdict => Consequence.Of(verdict).Name).Order(StringComparer.Ordinal),
        Texts(EdgeDocument.OfSources().Json["components"]!["schemas"]!["Verdict"]!["enum"]).Order(StringComparer.Ordinal));

    [Fact]
    public void Actions_OfTheSandbox_AreThoseOfTheSimulator()
    {
        var document = EdgeDocument.OfSources().Json;
        var path = document["paths"]!["/api/admin/sandbox/{action}"]!["post"]!["parameters"]![0]!["schema"]!["enum"];

        Assert.Equal(SandboxKeyActions.All.Select(action => action.Name), Texts(path));
        Assert.Equal(SandboxKeyActions.All.Select(action => action.Name), Texts(document["components"]!["schemas"]!["SandboxAction"]!["properties"]!["action"]!["enum"]));
    }

    // What holds the rest: it sees a wrong value, a field too many, one too few and a time that is none.
    [Theory]
    [InlineData("Health", """{"status":"fine"}""")]
    [InlineData("Health", """{"status":"ok","keys":2}""")]
    [InlineData("Usage", """{"promptTokens":1,"outputTokens":2}""")]
    [InlineData("Minute", """{"time":"today","requests":1,"failures":0,"failovers":0,"attempts":1,"p50_ms":null,"p95_ms":null}""")]
    public void Check_OfWhatDoesNotFit_Fails(string schema, string data) =>
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => EdgeDocument.OfSources().AssertFits(schema, JsonNode.Parse(data)));

    // A route is a literal somewhere in the edge: one that nobody documented fails here.
    [Fact]
    public void Routes_OfTheCode_AreAllDocumented()
    {
        var documented = EdgeDocument.OfSources().Routes.Select(route => route.Split(' ')[1]).ToList();
        var literals = Directory.EnumerateFiles(Repository.PathOf("src", "GeminiEdge"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => RouteLiteral().Matches(File.ReadAllText(file))).Select(match => match.Groups[1].Value).Distinct()
            .Where(literal => literal != "/api/status/")        // Nothing is there.
            .ToList();

        Assert.InRange(literals.Count, 8, int.MaxValue);
        Assert.All(literals, literal => Assert.Contains(documented, path => literal.EndsWith('/') ? path.StartsWith(literal, StringComparison.Ordinal) : path == literal));
        Assert.All(documented.Where(path => path != "/"), path => Assert.Contains(literals, literal => path.StartsWith(literal, StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Texts(JsonNode? array) => array!.AsArray().Select(item => (string)item!);

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string route)
    {
        var (target, body) = Requests[route];
        var request = new HttpRequestMessage(new HttpMethod(route.Split(' ')[0]), target);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    // Between quotes, and nothing of the literal before or behind it; what a span is called holds a pattern.
    [GeneratedRegex("\"(/api/[a-z./]*)\"")]
    private static partial Regex RouteLiteral();
}
