using System.Text.Json.Nodes;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>When every key has failed and none was refused, the request waits and goes round again.</summary>
public sealed class SecondRoundTests : PumpedTests
{
    private readonly Queue<Verdict> _answers = new();

    private protected override Task<HttpResponseMessage> AnswerAsync(UpstreamCall call)
    {
        var verdict = _answers.Count > 0 ? _answers.Dequeue() : Verdict.Ok;
        return verdict == Verdict.Network
            ? Task.FromException<HttpResponseMessage>(new HttpRequestException(HttpRequestError.ResponseEnded, "It ended."))
            : Task.FromResult(Answer(call, verdict));
    }

    public static TheoryData<string, string> Routes => new()
    {
        { "/api/generate", """{"prompt":"Say hello","model":"a"}""" },
        { "/api/generate", """{"prompt":"Say hello","model":"a","stream":true}""" },
        { "/v1beta/models/a:generateContent", EdgeHost.Contents("Say hello") },
        { "/v1beta/models/a:streamGenerateContent?alt=sse", EdgeHost.Contents("Say hello") },
        { "/v1beta/models/a:embedContent", """{"content":{"parts":[{"text":"Say hello"}]}}""" },
        { "/v1beta/models/a:countTokens", EdgeHost.Contents("Say hello") },
        { "/v1beta/openai/chat/completions", """{"model":"a","messages":[{"role":"user","content":"Say hello"}]}""" },
        { "/v1beta/openai/chat/completions", """{"model":"a","stream":true,"messages":[{"role":"user","content":"Say hello"}]}""" },
    };

    [Theory]
    [MemberData(nameof(Routes))]
    public void EveryKeyIsOverloaded_OnEachRoute_GoesRoundAgain(string target, string body)
    {
        using var edge = new InProcessEdge(Keys, Upstream, Time);
        Answers(Verdict.Overloaded, Verdict.Overloaded);
        var request = edge.SendAsync(target, body);
        Assert.False(request.IsCompleted);

        PassUntil(TimeSpan.FromSeconds(0.6), request);

        Assert.Equal((200, 3), (Answered(request).Status, Upstream.Keys.Count));
        Assert.Equal("3", Answered(request).Header("x-gemini-edge-attempts"));
        var ok = Line(edge, "gemini_ok");
        Assert.Equal(2, ok["round"]!.GetValue<int>());
        Assert.InRange(ok["waited_ms"]!.GetValue<int>(), 10, 600);
        Assert.DoesNotContain("\"round\"", edge.Log.First(line => line.Contains("gemini_fail", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Overloaded", "UpstreamError")]
    [InlineData("Network", "Network")]
    [InlineData("KeyInvalid", "Overloaded")]
    [InlineData("QuotaDay", "Network")]
    public void Failures_ThatMayPass_AreTriedAgain(string primary, string secondary)
    {
        using var edge = new InProcessEdge(Keys, Upstream, Time);
        Answers(Enum.Parse<Verdict>(primary), Enum.Parse<Verdict>(secondary));
        var request = edge.NativeAsync();

        PassUntil(TimeSpan.FromSeconds(2), request);

        Assert.Equal(200, Answered(request).Status);
    }

    [Theory]
    [InlineData("KeyInvalid", "KeyLeaked")]
    [InlineData("QuotaDay", "QuotaNone")]
    [InlineData("ForbiddenUnknown", "LocationUnsupported")]
    [InlineData("UpstreamTimeout", "ModelUnavailable")]
    [InlineData("BillingExhausted", "QuotaMinute")]
    public void Failures_ThatDoNotPassWithinPatience_FailAtOnce(string primary, string secondary)
    {
        using var edge = new InProcessEdge(Keys, Upstream, Time);
        Answers(Enum.Parse<Verdict>(primary), Enum.Parse<Verdict>(secondary));

        Assert.Equal(502, Answered(edge.NativeAsync()).Status);
        Assert.Equal(2, Upstream.Keys.Count);
    }

    [Fact]
    public void AKeysRest_ThatEndsWithinPatience_IsWaitedFor()
    {
        using var edge = new InProcessEdge(Keys, Upstream, Time);
        Answers(Verdict.QuotaUnknown, Verdict.KeyInvalid);
        var request = edge.NativeAsync();

        Pass(TimeSpan.FromSeconds(4.9));
        Assert.False(request.IsCompleted);
        PassUntil(TimeSpan.FromSeconds(0.2), request);

        Assert.Equal((200, Keys[0]), (Answered(request).Status, Upstream.Keys[^1]));
    }

    [Theory]
    [InlineData("x-stainless-retry-count", "1")]
    [InlineData("x-server-timeout", "0.005")]
    public void Caller_WhoRepeatsItselfOrIsInAHurry_GetsNoSecondRound(string name, string value)
    {
        using var edge = new InProcessEdge(Keys, Upstream, Time);
        Answers([.. Enumerable.Repeat(Verdict.Overloaded, 100)]);
        var request = edge.SendUntilAsync("/v1beta/models/a:generateContent", EdgeHost.Contents("Hello"), "POST", userAgent: null, CancellationToken.None, (name, value));
        PassUntil(TimeSpan.FromMilliseconds(5), request);

        Assert.Equal((502, 2), (Answered(request).Status, Upstream.Keys.Count));
    }

    [Theory]
    [InlineData("/v1beta/models/a:generateContent", """{"contents":[{"parts":[{"fileData":{"fileUri":"https://h/v1beta/files/f"}}]}]}""", 1)]
    [InlineData("/v1beta/models/a:predictLongRunning", """{"instances":[]}""", 1)]
    public void Call_OfAProjectOrNotToBeRepeated_GetsNoSecondRound(string target, string body, int calls)
    {
        using var edge = new InProcessEdge(Keys, Upstream, Time);
        Answers(Verdict.Overloaded);

        Assert.Equal((503, calls), (Answered(edge.SendAsync(target, body)).Status, Upstream.Keys.Count));
    }

    [Fact]
    public void Patience_IsOver_SaysWhatEachKeySaid()
    {
        using var edge = new InProcessEdge(Keys, Upstream, Time, new() { ["GeminiEdge:Patience"] = "00:00:03" });
        Answers([.. Enumerable.Repeat(Verdict.Overloaded, 100)]);
        var request = edge.NativeAsync();
        Pass(TimeSpan.FromSeconds(2.9));
        Assert.False(request.IsCompleted);
        PassUntil(TimeSpan.FromSeconds(0.2), request);

        Assert.Equal(502, Answered(request).Status);
        Assert.Contains("overloaded (503)", Answered(request).Body, StringComparison.Ordinal);
        Assert.NotNull(Answered(request).Header("Retry-After"));
        Assert.Equal("exhausted", Line(edge, "gemini_fail")["next"]!.GetValue<string>());
    }

    private static HttpResponseMessage Answer(UpstreamCall call, Verdict verdict)
    {
        var streams = verdict == Verdict.Ok && (call.Path.Contains("stream", StringComparison.Ordinal) || Body(call).Contains("\"stream\":true", StringComparison.Ordinal));
        if (!streams)
        {
            return UpstreamAnswers.Of(verdict);
        }

        var chunk = JsonNode.Parse(UpstreamAnswers.Fixture("200-generate.json"))!.ToJsonString();
        var content = new StringContent($"data: {chunk}\r\n\r\n");
        content.Headers.ContentType = new("text/event-stream");
        return new HttpResponseMessage(System.Net.HttpStatusCode.OK) { Content = content };
    }

    private static string Body(UpstreamCall call) => call.Request.Content!.ReadAsStringAsync().GetAwaiter().GetResult();

    private void Answers(params Verdict[] verdicts) => Array.ForEach(verdicts, _answers.Enqueue);

    /// <summary>The last event of that name.</summary>
    private static JsonNode Line(InProcessEdge edge, string name) =>
        JsonNode.Parse(edge.Log.Last(line => line.Contains($"\"event\":\"{name}\"", StringComparison.Ordinal)))!;
}
