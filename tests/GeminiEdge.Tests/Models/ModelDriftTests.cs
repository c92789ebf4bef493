using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Models;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GeminiEdge.Tests.Models;

/// <summary>Which model really answered, as a caller and an operator see it.</summary>
public class ModelDriftTests
{
    private const string Header = "x-gemini-edge-model-version";
    private const string Alias = "gemini-flash-latest";

    private static readonly string[] Native = ["/v1beta/models/gemini-flash-latest:generateContent", "/v1beta/models/gemini-flash-latest:streamGenerateContent", "/v1beta/models/gemini-flash-latest:streamGenerateContent?alt=sse"];

    [Fact]
    public async Task Answer_OfEachRoute_NamesTheVersion()
    {
        await using var edge = await EdgeHost.StartAsync();

        foreach (var path in Native)
        {
            Assert.Equal("gemini-3.8-flash", (await edge.PostAsync(path, EdgeHost.Contents("Hello"))).Header(Header));
        }

        Assert.Equal("gemini-3.8-flash", (await edge.GenerateAsync()).Header(Header));
        Assert.Equal("gemini-3.8-flash", (await edge.GenerateAsync(stream: true)).Header(Header));
        Assert.Equal("gemini-3.1-pro-preview", (await edge.GenerateAsync(model: "models/gemini-pro-latest")).Header(Header));
    }

    [Theory]
    [InlineData("/v1beta/models/gemini-flash-latest:countTokens")]
    [InlineData("/v1beta/models/gemini-0-none:generateContent")]
    public async Task Answer_WithoutAVersion_HasNoHeader(string path)
    {
        await using var edge = await EdgeHost.StartAsync();

        Assert.False((await edge.PostAsync(path, EdgeHost.Contents("Hello"))).Headers.Contains(Header));
    }

    [Fact]
    public async Task Version_Changes_IsAnEventForOperatorsAndObservers()
    {
        var observer = new Hearing();
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Observer = observer });
        await edge.GenerateAsync();
        Move(edge, Alias, "gemini-3.9-flash");

        var answer = await edge.NativeAsync();
        await edge.NativeAsync("streamGenerateContent?alt=sse");
        await edge.GenerateAsync();

        Assert.Equal("gemini-3.9-flash", answer.Header(Header));
        var id = edge.Primary.Value[^4..];
        Assert.Equal([new ModelChanged(Alias, id, "gemini-3.8-flash", "gemini-3.9-flash")], observer.Heard);
        var line = Assert.Single(await EventsAsync(edge, "model_changed", attempts: 4));
        Assert.Equal($"warning {Alias} gemini-3.8-flash gemini-3.9-flash {id}", Fields(line, "level", "model", "from", "to", "key_id"));
    }

    [Fact]
    public async Task Pin_Broken_IsAnAlarmOnce()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_MODEL_PINS"] = "gemini-pro-latest=gemini-3.1-pro-preview, models/gemini-flash-latest = gemini-3.7-flash" } });

        await edge.GenerateAsync();
        await edge.NativeAsync();
        await edge.GenerateAsync(model: "gemini-pro-latest");

        var line = Assert.Single(await EventsAsync(edge, "model_pin_broken", attempts: 3));
        Assert.Equal($"error {Alias} gemini-3.7-flash gemini-3.8-flash {edge.Primary.Value[^4..]}", Fields(line, "level", "model", "pinned", "version", "key_id"));
        Assert.Empty(await EventsAsync(edge, "model_changed", attempts: 3));
    }

    // What OpenAI's dialect calls the model is what the caller called it.
    [Fact]
    public async Task OpenAi_EchoesTheAlias_IsNoVersion()
    {
        await using var edge = await EdgeHost.StartAsync();
        await edge.GenerateAsync();

        var answer = await OpenAiAsync(edge);
        await edge.GenerateAsync();

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains(Header));
        Assert.Empty(await EventsAsync(edge, "model_changed", attempts: 3));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OpenAi_NamesAnotherModel_IsAVersion(bool stream)
    {
        var json = """{"id":"x","model":"models/gemini-3.8-flash","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"}}]}""";
        using var upstream = new FakeUpstream(_ => Of(stream ? $"data: {json}\n\ndata: [DONE]\n\n" : json, stream ? "text/event-stream" : "application/json"));
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Upstream = upstream });

        Assert.Equal("gemini-3.8-flash", (await OpenAiAsync(edge)).Header(Header));
    }

    // A caller may have the model write anything, and an upstream's header is no word of the edge's.
    [Fact]
    public async Task Version_AnywhereElse_DoesNotCount()
    {
        using var upstream = new FakeUpstream(_ =>
        {
            var response = Of("""{"candidates":[{"modelVersion":"gemini-1","content":{"parts":[{"text":"{\"modelVersion\":\"gemini-2\"}","modelVersion":"gemini-3"}]}}],"usageMetadata":{"modelVersion":"gemini-4"},"model":"gemini-5"}""");
            response.Headers.TryAddWithoutValidation(Header, "gemini-6");
            return response;
        });
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Upstream = upstream });

        Assert.False((await edge.NativeAsync()).Headers.Contains(Header));
        Assert.False((await edge.GenerateAsync()).Headers.Contains(Header));
    }

    [Theory]
    [InlineData("gemini-3.8-flésh")]
    [InlineData("""gemini\n3.8""")]
    [InlineData("")]
    public async Task Version_ThatNoHeaderCouldHold_HoldsNothingUp(string version)
    {
        using var upstream = new FakeUpstream(_ => Of($$"""{"modelVersion":"{{version}}","candidates":[{"content":{"parts":[{"text":"Hello"}]} } ] }"""));
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Upstream = upstream });

        var answer = await edge.NativeAsync();

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains(Header));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_SaysItsVersionLater_IsLearnedWithoutAHeader(bool native)
    {
        var versions = new Queue<string>(["gemini-3.7-flash", "gemini-3.8-flash"]);
        using var upstream = new FakeUpstream(_ =>
        {
            var version = versions.Dequeue();
            return Of(
                "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hello \"}]}}]}\r\n\r\n"
                + $"data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"there\"}}]}},\"finishReason\":\"STOP\"}}],\"modelVersion\":\"{version}\"}}\r\n\r\n", "text/event-stream");
        });
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Upstream = upstream });

        for (var i = 0; i < 2; i++)
        {
            var answer = native ? await edge.NativeAsync("streamGenerateContent?alt=sse") : await edge.GenerateAsync(stream: true);
            Assert.False(answer.Headers.Contains(Header));
            await answer.ReadAllAsync();
        }

        Assert.Equal("gemini-3.8-flash", (await edge.Log.WaitForAsync("model_changed"))["to"]!.GetValue<string>());
    }

    [Fact]
    public async Task Names_ThatNoModelHas_AreNotRemembered()
    {
        await using var edge = await EdgeHost.StartAsync();
        for (var i = 0; i < 20; i++)
        {
            await edge.NativeAsync(model: $"no-model-{i}");
        }

        Assert.Equal(0, edge.Services.GetRequiredService<ModelMemory>().Count);
        await edge.NativeAsync();
        Assert.Equal(1, edge.Services.GetRequiredService<ModelMemory>().Count);
    }

    [Fact]
    public async Task Model_ThatGoes_IsAnEventOnce()
    {
        var observer = new Hearing();
        using var upstream = new FakeUpstream(_ => Of("""{"candidates":[{"content":{"parts":[{"text":"Hello"}]}}],"modelVersion":"gemini-2.5-flash","modelStatus":{"modelStage":"LEGACY","retirementTime":"2026-12-01T00:00:00Z"},"responseId":"x"}"""));
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Upstream = upstream, Observer = observer });

        await edge.NativeAsync(model: "gemini-2.5-flash");
        await edge.NativeAsync(model: "gemini-2.5-flash");

        Assert.IsType<ModelRetiring>(Assert.Single(observer.Heard));
        var line = Assert.Single(await EventsAsync(edge, "model_retiring", attempts: 2));
        Assert.Equal("warning gemini-2.5-flash gemini-2.5-flash legacy 2026-12-01T00:00:00.0000000Z", Fields(line, "level", "model", "version", "stage", "retires_at"));
    }

    [Theory]
    [InlineData("native")]
    [InlineData("generate")]
    [InlineData("openai")]
    public async Task Model_IsGone_IsAnAlarmOnce(string route)
    {
        var observer = new Hearing();
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Observer = observer });
        Assert.Equal(HttpStatusCode.OK, (await AskAsync()).StatusCode);
        edge.Sandbox.Options.Models = [.. SandboxModel.Defaults.Where(model => model.Name != Alias)];

        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync()).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync()).StatusCode);

        Assert.Equal([new ModelRetired(Alias, edge.Primary.Value[^4..], null, 404)], observer.Heard);
        var line = Assert.Single(await EventsAsync(edge, "model_retired", attempts: 3));
        Assert.Equal($"error {Alias} 404 {edge.Primary.Value[^4..]}", Fields(line, "level", "model", "status", "key_id"));
        Assert.Null(line["fallback"]);

        Task<HttpResponseMessage> AskAsync() => route switch { "native" => edge.NativeAsync(), "generate" => edge.GenerateAsync(), _ => OpenAiAsync(edge) };
    }

    [Fact]
    public async Task Model_ClosedForEveryKey_IsAnAlarmOnce_AndForOneKeyNone()
    {
        await using var edge = await EdgeHost.StartAsync();
        await edge.NativeAsync();
        edge.Primary.State = SandboxKeyState.ModelClosed;
        Assert.Equal(HttpStatusCode.OK, (await edge.NativeAsync()).StatusCode);
        Assert.Empty(await EventsAsync(edge, "model_retired", attempts: 3));
        edge.Secondary.State = SandboxKeyState.ModelClosed;

        Assert.Equal(HttpStatusCode.BadGateway, (await edge.NativeAsync()).StatusCode);
        Assert.Equal(HttpStatusCode.BadGateway, (await edge.NativeAsync()).StatusCode);

        await edge.Log.WaitForAsync("all_keys_failed", 2);
        var line = Assert.Single(await EventsAsync(edge, "model_retired", attempts: 4));
        Assert.Equal($"{Alias} {edge.Secondary.Value[^4..]}", Fields(line, "model", "key_id"));
    }

    [Theory]
    [InlineData(SandboxKeyState.Invalid, true)]
    [InlineData(SandboxKeyState.QuotaMinute, false)]
    public async Task Model_ClosedForOneKey_IsAnAlarmWhereTheOtherIsDead(SandboxKeyState other, bool isAlarm)
    {
        await using var edge = await EdgeHost.StartAsync();
        await edge.NativeAsync();
        (edge.Primary.State, edge.Secondary.State) = (SandboxKeyState.ModelClosed, other);

        Assert.Equal(HttpStatusCode.BadGateway, (await edge.NativeAsync()).StatusCode);

        await edge.Log.WaitForAsync("all_keys_failed");
        Assert.Equal(isAlarm ? 1 : 0, (await EventsAsync(edge, "model_retired", attempts: 3)).Count);
    }

    [Fact]
    public async Task Keys_AreAllDead_IsNoWordAboutTheModel()
    {
        await using var edge = await EdgeHost.StartAsync();
        await edge.NativeAsync();
        (edge.Primary.State, edge.Secondary.State) = (SandboxKeyState.Invalid, SandboxKeyState.Leaked);

        Assert.Equal(HttpStatusCode.BadGateway, (await edge.NativeAsync()).StatusCode);

        await edge.Log.WaitForAsync("all_keys_failed");
        Assert.Empty(await EventsAsync(edge, "model_retired", attempts: 3));
    }

    [Fact]
    public async Task Model_NeverAnswered_IsTheCallersMistakeAlone()
    {
        await using var edge = await EdgeHost.StartAsync();

        await edge.NativeAsync(model: "gemini-0-none");
        await edge.NativeAsync();
        await edge.NativeAsync(action: "embedContent");

        Assert.Empty(await EventsAsync(edge, "model_retired", attempts: 3));
    }

    // Whoever names a model puts a key into the log otherwise.
    [Fact]
    public async Task Key_AsTheNameOfAModel_IsMaskedInTheEvent()
    {
        var gone = false;
        using var upstream = new FakeUpstream(call => gone
            ? new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent(UpstreamAnswers.Fixture("404-model-unknown.json"), Encoding.UTF8, "application/json") }
            : UpstreamAnswers.Of(GeminiEdge.Failover.Verdicts.Verdict.Ok));
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Upstream = upstream });
        await edge.NativeAsync(model: edge.Secondary.Value);
        gone = true;

        await edge.NativeAsync(model: edge.Secondary.Value);

        Assert.Contains("****", (await edge.Log.WaitForAsync("model_retired"))["model"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    /// <summary>The events of this name that came before the end of so many attempts.</summary>
    private static async Task<IReadOnlyList<JsonObject>> EventsAsync(EdgeHost edge, string name, int attempts)
    {
        await edge.Log.WaitForAsync("attempt", attempts);
        return [.. edge.Log.Events.Where(line => LogCapture.Name(line) == name)];
    }

    private static string Fields(JsonObject line, params string[] fields) => string.Join(' ', fields.Select(field => line[field]));

    private static Task<HttpResponseMessage> OpenAiAsync(EdgeHost edge) => edge.PostAsync(
        "/v1beta/openai/chat/completions",
        new JsonObject { ["model"] = Alias, ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Hello" }) }.ToJsonString());

    private static HttpResponseMessage Of(string body, string type = "application/json") =>
        new(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, type) };

    private static void Move(EdgeHost edge, string alias, string version) =>
        edge.Sandbox.Options.Models = [.. SandboxModel.Defaults.Select(model => model.Name == alias ? model with { Version = version } : model)];

    private sealed class Hearing : FailoverObserver
    {
        private readonly ConcurrentQueue<ModelNews> _heard = new();

        public IReadOnlyList<ModelNews> Heard => [.. _heard];

        public override void ModelNews(ModelNews news) => _heard.Enqueue(news);
    }
}
