using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Models;

/// <summary>When no key can serve a model, the next one of its chain is asked; nothing else of the request is changed.</summary>
public sealed class FallbackTests : IDisposable
{
    private const string Chat = """{"messages":[{"role":"user","content":"a model: \"model\":\"a\""}], "model" : "models/a","n":1}""";
    private static readonly string[] Keys = ["the-first-key-of-two", "the-second-key-of-two"];
    private static readonly Dictionary<string, string?> ByDefault = new() { ["GEMINI_FALLBACK_MODELS"] = "a=b,c;d=e", ["GeminiEdge:Patience"] = "00:00:00" };

    private readonly ConcurrentQueue<(string Path, string Body, string? Encoding, string Fallback)> _asked = new();
    private readonly Dictionary<string, Verdict?[]> _answers = [];
    private readonly FakeUpstream _upstream;

    public FallbackTests() => _upstream = new FakeUpstream(async call =>
    {
        var body = call.Request.Content is { } content ? await content.ReadAsStringAsync(call.Cancelled) : "";
        _asked.Enqueue((call.Path, body, call.Request.Content?.Headers.ContentEncoding.SingleOrDefault(), $"{call.Request.Headers.Contains("x-gemini-edge-fallback")}"));
        var model = call.Path.Contains("/models/", StringComparison.Ordinal) ? call.Path.Split("/models/")[1].Split(':')[0] : (string)JsonNode.Parse(body)!["model"]!;
        var key = Array.IndexOf(Keys, call.Key);
        return _answers.GetValueOrDefault(model.Replace("models/", "", StringComparison.Ordinal)) is { } says ? says[key] is { } verdict ? UpstreamAnswers.Of(verdict) : Gone() : UpstreamAnswers.Of(Verdict.Ok);
    });

    public static TheoryData<string, string> Routes => new()
    {
        { "/api/generate", """{"prompt":"Say hello","model":"a"}""" },
        { "/v1beta/models/a:generateContent?alt=json", EdgeHost.Contents("models/a:generateContent") },
        { "/v1beta/openai/chat/completions", Chat },
    };

    public void Dispose() => _upstream.Dispose();

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Model_IsOverloadedForEveryKey_TheNextIsAskedAtOnce(string target, string body)
    {
        using var edge = Edge();
        Says("a", Verdict.Overloaded, Verdict.Overloaded);
        Says("b", Verdict.QuotaDay, Verdict.Overloaded);

        var answer = await edge.SendAsync(target, body);

        Assert.Equal((200, "c", "5"), (answer.Status, answer.Header("x-gemini-edge-model"), answer.Header("x-gemini-edge-attempts")));
        var lines = Lines(edge);
        Assert.Equal(["a", "a", "b", "b", "c"], lines.Select(line => (string)line["model"]!));
        Assert.Equal([null, null, "a", "a", "a"], lines.Select(line => (string?)line["fallback_from"]));
        Assert.All(lines, line => Assert.Null(line["round"]));
    }

    [Fact]
    public async Task Native_TheModelsNameIsReplaced_AndNothingElse()
    {
        using var edge = Edge();
        Says("a", Verdict.Overloaded, Verdict.Overloaded);
        var body = """{ "contents":[{"parts":[{"text":"ask /models/a:generateContent"}]}] }""";

        await edge.SendAsync("/v1beta/models/a:generateContent?alt=json&q=%2Fmodels%2Fa", body);

        Assert.Equal(("/v1beta/models/b:generateContent?alt=json&q=%2Fmodels%2Fa", body), (_asked.Last().Path, _asked.Last().Body));
    }

    [Fact]
    public async Task OpenAi_TheModelsTokenIsReplaced_AndNothingElse()
    {
        using var edge = Edge();
        Says("a", Verdict.Overloaded, Verdict.Overloaded);

        await edge.SendAsync("/v1beta/openai/chat/completions", Chat);

        Assert.Equal(Chat.Replace("\"models/a\"", "\"b\"", StringComparison.Ordinal), _asked.Last().Body);
    }

    [Fact]
    public async Task OpenAi_CompressedBody_IsSentPlain()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = new() { ["GEMINI_FALLBACK_MODELS"] = "gemini-pro-latest=gemini-flash-latest" } });
        edge.Sandbox.OnRequest = async context => context.Request.Headers.ContentEncoding.Count > 0 && await Overloaded(context);
        var json = """{"model":"gemini-pro-latest","messages":[{"role":"user","content":"Say hello"}]}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1beta/openai/chat/completions") { Content = new ByteArrayContent(Compressed.With("gzip", json)) };
        request.Content.Headers.ContentType = new("application/json");
        request.Content.Headers.ContentEncoding.Add("gzip");

        using var response = await edge.Client.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, "gemini-flash-latest"), (response.StatusCode, response.Headers.GetValues("x-gemini-edge-model").Single()));
        Assert.Equal(3, edge.Sandbox.Requests.Count);

        static async Task<bool> Overloaded(HttpContext context)
        {
            context.Response.StatusCode = 503;
            await context.Response.WriteAsync(UpstreamAnswers.Fixture("503-overloaded-array.json"));
            return true;
        }
    }

    [Theory]
    [InlineData("a", "KeyInvalid", "Overloaded")]
    [InlineData("a", "BillingExhausted", "QuotaNone")]
    [InlineData("a", "ModelUnavailable", "ModelUnavailable")]
    [InlineData("d", "QuotaMinute", "KeyLeaked")]
    public async Task KeysThatAreOut_HaveNoSay(string model, string primary, string secondary)
    {
        using var edge = Edge();
        Says(model, Enum.Parse<Verdict>(primary), Enum.Parse<Verdict>(secondary));

        var answer = await edge.NativeAsync(model);

        // A key that is out for good serves no other model either; the one that isn't does.
        Assert.Equal(200, answer.Status);
        Assert.NotEqual(model, answer.Header("x-gemini-edge-model"));
    }

    [Theory]
    [InlineData("Overloaded", "Network")]
    [InlineData("UpstreamError", "UpstreamError")]
    [InlineData("ForbiddenUnknown", "Overloaded")]
    [InlineData("KeyInvalid", "KeyLeaked")]
    public async Task AnythingElse_IsNoReasonForAnotherModel(string primary, string secondary)
    {
        using var edge = Edge();
        Says("a", Enum.Parse<Verdict>(primary == "Network" ? "UpstreamError" : primary), Enum.Parse<Verdict>(secondary == "Network" ? "UpstreamError" : secondary));

        Assert.Equal(502, (await edge.NativeAsync()).Status);
        Assert.All(_asked, asked => Assert.Contains("/models/a:", asked.Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task SkippedKeys_CountWithWhatTheyAreSkippedFor()
    {
        using var edge = Edge();
        Says("a", Verdict.QuotaDay, Verdict.QuotaDay);
        await edge.NativeAsync();
        _asked.Clear();
        await edge.NativeAsync();

        var answer = await edge.NativeAsync();

        Assert.Equal((200, "b"), (answer.Status, answer.Header("x-gemini-edge-model")));
    }

    [Fact]
    public async Task Model_IsRetired_OneKeysWordIsEnough()
    {
        using var edge = Edge();
        Says("a", null, null);

        var answer = await edge.NativeAsync();

        Assert.Equal((200, "b", 2), (answer.Status, answer.Header("x-gemini-edge-model"), _asked.Count));
    }

    [Fact]
    public async Task Model_IsRetiredAndHasNoFallback_IsToldAsItIs()
    {
        using var edge = Edge();
        Says("z", null, null);

        var answer = await edge.NativeAsync("z");

        Assert.Equal((404, 1), (answer.Status, _asked.Count));
        Assert.Null(answer.Header("x-gemini-edge-model"));
    }

    [Fact]
    public async Task Fallback_SaysThatTheRequestIsWrong_TheFirstModelsRefusalIsReturned()
    {
        using var edge = Edge();
        Says("a", null, null);
        Says("b", Verdict.CallerError, Verdict.CallerError);

        var answer = await edge.NativeAsync();

        Assert.Equal((404, 2), (answer.Status, _asked.Count));
        Assert.Contains("models/a", answer.Body, StringComparison.Ordinal);
        Assert.Equal("a", answer.Header("x-gemini-edge-model"));
    }

    [Fact]
    public async Task Fallback_SaysThatTheRequestIsWrong_AnOverloadedFirstModelIsTold()
    {
        using var edge = Edge();
        Says("a", Verdict.Overloaded, Verdict.Overloaded);
        Says("b", Verdict.CallerError, Verdict.CallerError);

        var answer = await edge.NativeAsync();

        Assert.Equal((502, 3), (answer.Status, _asked.Count));
        Assert.Contains("overloaded (503)", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fallback_IsRetiredToo_TheNextIsAsked()
    {
        using var edge = Edge();
        Says("a", null, null);
        Says("b", null, null);

        Assert.Equal("c", (await edge.NativeAsync()).Header("x-gemini-edge-model"));
    }

    [Fact]
    public async Task EveryModel_IsOverloaded_TheAttemptsNameTheirModels()
    {
        using var edge = Edge();
        foreach (var model in new[] { "a", "b", "c" })
        {
            Says(model, Verdict.Overloaded, Verdict.QuotaDay);
        }

        var answer = await edge.SendAsync("/api/generate", """{"prompt":"Say hello","model":"a"}""");

        Assert.Equal(502, answer.Status);
        Assert.Equal(["a", "a", "b", "b", "c", "c"], JsonNode.Parse(answer.Body)!["attempts"]!.AsArray().Select(attempt => (string)attempt!["model"]!));
    }

    [Theory]
    [InlineData("/v1beta/models/a:countTokens")]
    [InlineData("/v1beta/models/a:embedContent")]
    [InlineData("/v1beta/models/a:predictLongRunning")]
    public async Task Calls_ThatNoOtherModelCanAnswer_NeverFallBack(string target)
    {
        using var edge = Edge();
        Says("a", Verdict.QuotaDay, Verdict.QuotaDay);

        Assert.Equal(502, (await edge.SendAsync(target, EdgeHost.Contents("Say hello"))).Status);
        Assert.All(_asked, asked => Assert.Contains("/models/a:", asked.Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task CallsOfAProject_NeverFallBack()
    {
        using var edge = Edge();
        Says("a", Verdict.QuotaDay, Verdict.QuotaDay);

        var answer = await edge.SendAsync("/v1beta/models/a:generateContent", """{"cachedContent":"cachedContents/c","contents":[]}""");

        Assert.Equal((502, 2), (answer.Status, _asked.Count));
    }

    [Theory]
    [InlineData("x, models/y", "x")]
    [InlineData("a,x", "x")]
    [InlineData("", null)]
    public async Task Request_NamesItsOwn_InPlaceOfTheSettings(string header, string? answeredBy)
    {
        using var edge = Edge();
        Says("a", Verdict.Overloaded, Verdict.Overloaded);

        var answer = await SendAsync(edge, "/v1beta/models/a:generateContent", EdgeHost.Contents("Say hello"), header);

        Assert.Equal((answeredBy is null ? 502 : 200, answeredBy), (answer.Status, answer.Header("x-gemini-edge-model")));
        Assert.All(_asked, asked => Assert.Equal("False", asked.Fallback));
    }

    [Theory]
    [InlineData("b,c,d,e", "more than 3 further models")]
    [InlineData("b c", "no model")]
    [InlineData("../b", "no model")]
    public async Task Request_NamesWhatIsNoModel_Is400(string header, string says)
    {
        using var edge = Edge();

        foreach (var (target, body) in new[] { ("/v1beta/models/a:generateContent", EdgeHost.Contents("Say hello")), ("/api/generate", """{"prompt":"Say hello"}""") })
        {
            var answer = await SendAsync(edge, target, body, header);

            Assert.Equal(400, answer.Status);
            Assert.Contains($"x-gemini-edge-fallback names {(says[0] == 'm' ? "" : "something that is ")}{says}", answer.Body, StringComparison.Ordinal);
        }

        Assert.Empty(_asked);
    }

    private static Task<EdgeAnswer> SendAsync(InProcessEdge edge, string target, string body, string fallback) =>
        edge.SendUntilAsync(target, body, "POST", userAgent: null, CancellationToken.None, ("x-gemini-edge-fallback", fallback));

    private static HttpResponseMessage Gone() => new(HttpStatusCode.NotFound)
    {
        Content = new StringContent(
            """{"error":{"code":404,"message":"models/a is not found for API version v1beta, or is not supported for generateContent.","status":"NOT_FOUND"}}""",
            Encoding.UTF8, "application/json"),
    };

    private static List<JsonNode> Lines(InProcessEdge edge) =>
        [.. edge.Log.Where(line => line.Contains("\"event\":\"gemini_", StringComparison.Ordinal)).Select(line => JsonNode.Parse(line)!)];

    private InProcessEdge Edge() => new(Keys, _upstream, new JumpyTime(), ByDefault);

    /// <summary>What the model's keys get; null: it is gone.</summary>
    private void Says(string model, Verdict? primary, Verdict? secondary) => _answers[model] = [primary, secondary];
}
