using System.Text.Json.Nodes;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Overload;

/// <summary>When the first byte is later than nineteen of twenty were, a second key is asked; the first good piece wins.</summary>
public sealed class HedgeTests : PumpedTests
{
    private static readonly string[] Three = [.. Keys, "the-third-key-of-three"];
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(400);

    private readonly List<Asked> _asked = [];
    private bool _isScripted;

    private sealed record Asked(string Key, TaskCompletionSource<HttpResponseMessage> Answer, CancellationToken Cancelled)
    {
        public void Says(Verdict verdict) => Answer.TrySetResult(UpstreamAnswers.Of(verdict));
    }

    private protected override async Task<HttpResponseMessage> AnswerAsync(UpstreamCall call)
    {
        if (!_isScripted)
        {
            await Task.Delay(Usual, Time, call.Cancelled);
            return UpstreamAnswers.Of(Verdict.Ok);
        }

        var asked = new Asked(call.Key, new(), call.Cancelled);
        call.Cancelled.UnsafeRegister(_ => asked.Answer.TrySetCanceled(call.Cancelled), null);
        _asked.Add(asked);
        return await asked.Answer.Task;
    }

    [Fact]
    public void FirstByte_IsLate_TheSecondKeyAnswers()
    {
        using var edge = Taught("On");
        var request = edge.NativeAsync();
        Pass(Usual - TimeSpan.FromMilliseconds(1));
        Assert.Single(_asked);
        Pass(TimeSpan.FromMilliseconds(1));
        Assert.Equal([Three[0], Three[1]], _asked.Select(asked => asked.Key));

        _asked[1].Says(Verdict.Ok);
        Context.Settle();

        Assert.Equal((200, Three[1][^4..], "2"), (Status(request), Answered(request).Header("x-gemini-edge-key-id"), Answered(request).Header("x-gemini-edge-attempts")));
        Assert.True(_asked[0].Cancelled.IsCancellationRequested);
        var lines = Lines(edge);
        Assert.Equal([("gemini_cancel", "hedge", true, 1), ("gemini_ok", "ok", true, 2)],
            lines.Select(line => ((string)line["event"]!, (string)line["verdict"]!, (bool)line["hedge"]!, (int)line["attempt"]!)).Order());
        Assert.Null(lines.Find(line => (string)line["event"]! == "gemini_cancel")!["output_tokens"]);
        Assert.True(edge.Ring.Keys.All(key => key.Health.IsUntroubled));
    }

    [Fact]
    public void First_AnswersAfterAll_TheSecondIsCutOff()
    {
        using var edge = Taught("On");
        var request = edge.GenerateAsync();
        Pass(Usual);
        _asked[0].Says(Verdict.Ok);
        Context.Settle();

        Assert.Equal((200, Three[0][^4..]), (Status(request), Answered(request).Header("x-gemini-edge-key-id")));
        Assert.True(_asked[1].Cancelled.IsCancellationRequested);
    }

    [Fact]
    public void One_Fails_TheOtherGoesOn()
    {
        using var edge = Taught("On");
        var request = edge.NativeAsync();
        Pass(Usual);
        _asked[1].Says(Verdict.KeyInvalid);
        Context.Settle();
        Assert.False(request.IsCompleted);
        Assert.Equal(2, _asked.Count);

        _asked[0].Says(Verdict.Overloaded);
        Context.Settle();
        Assert.Equal([.. Three], _asked.Select(asked => asked.Key));
        _asked[2].Says(Verdict.Ok);
        Context.Settle();

        Assert.Equal((200, "3"), (Status(request), Answered(request).Header("x-gemini-edge-attempts")));
        Assert.Equal(["key_invalid next_key", "overloaded next_key", "ok return"], Lines(edge).Select(line => $"{line["verdict"]} {line["next"]}"));
    }

    [Fact]
    public void One_SaysThatTheRequestIsWrong_ItIsToldAtOnce()
    {
        using var edge = Taught("On");
        var request = edge.NativeAsync();
        Pass(Usual);
        _asked[0].Says(Verdict.CallerError);
        Context.Settle();

        Assert.Equal(400, Status(request));
        Assert.True(_asked[1].Cancelled.IsCancellationRequested);
        Assert.Equal(["caller_error", "hedge"], Lines(edge).Select(line => (string)line["verdict"]!).Order());
    }

    [Fact]
    public void Loser_IsRefusedMeanwhile_IsRememberedIfItWasReadToItsEnd()
    {
        using var edge = Taught("On");
        var request = edge.NativeAsync();
        Pass(Usual);
        _asked[1].Says(Verdict.Ok);
        _asked[0].Says(Verdict.KeyLeaked);
        Context.Settle();

        // Cut off in the middle, a 403 could mean anything.
        Assert.Equal(200, Status(request));
        var loser = (string)Lines(edge).Find(line => (int)line["attempt"]! == 1)!["verdict"]!;
        Assert.True(loser is "hedge" or "key_leaked", loser);
        Assert.Equal((loser == "key_leaked", loser == "hedge"), (edge.Ring.Keys[0].Health.IsLeaked, edge.Ring.Keys[0].Health.IsUntroubled));
    }

    [Fact]
    public void Caller_Leaves_BothAreCutOff()
    {
        using var edge = Taught("On");
        using var caller = new CancellationTokenSource();
        var request = edge.SendUntilAsync("/v1beta/models/a:generateContent", EdgeHost.Contents("Hello"), "POST", userAgent: null, caller.Token);
        Pass(Usual);
        caller.Cancel();
        Context.Settle();

        Assert.True(request.IsCompleted);
        Assert.All(_asked, asked => Assert.True(asked.Cancelled.IsCancellationRequested));
        Assert.Equal(["gemini_cancel client_gone", "gemini_cancel client_gone"], Lines(edge).Select(line => $"{line["event"]} {line["verdict"]}"));
    }

    [Theory]
    [InlineData("Off", "generateContent", 1)]
    [InlineData("On", "predictLongRunning", 1)]
    [InlineData("On", "streamGenerateContent", 1)] // Measured apart: nothing is known of streams yet.
    [InlineData("On", "countTokens", 1)] // No work for a model.
    [InlineData("On", "generateContent", 2)]
    public void Second_IsAskedWhereItMayBe(string hedge, string action, int asked)
    {
        using var edge = Taught(hedge);
        var request = edge.NativeAsync(action: action);
        Pass(TimeSpan.FromSeconds(5));

        Assert.Equal(asked, _asked.Count);
        _asked.ForEach(each => each.Says(Verdict.Ok));
        Context.Settle();
        Assert.True(request.IsCompleted);
    }

    [Fact]
    public void Budget_IsEmpty_TheKeyIsStillTheNextOne()
    {
        using var edge = Taught("On", settings: new() { ["GeminiEdge:ExtraAttempts"] = "0" });
        var request = edge.NativeAsync();
        Pass(Usual);
        Assert.Single(_asked);

        _asked[0].Says(Verdict.KeyInvalid);
        Context.Settle();
        Assert.Equal([Three[0], Three[1]], _asked.Select(asked => asked.Key));
        _asked[1].Says(Verdict.Ok);
        Context.Settle();
        Assert.Equal(200, Status(request));
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 1)]
    public void OpenAi_StreamsAndWholeAnswers_AreMeasuredApart(bool streams, int asked)
    {
        using var edge = Taught("On", target: "/v1beta/openai/chat/completions", body: Chat(false));
        _ = edge.SendAsync("/v1beta/openai/chat/completions", Chat(streams));
        Pass(Usual);

        Assert.Equal(asked, _asked.Count);

        static string Chat(bool streams) => $$"""{"model":"a","messages":[{"role":"user","content":"Hello"}],"stream":{{(streams ? "true" : "false")}}}""";
    }

    [Fact]
    public void TooFewAnswers_NothingIsHedged()
    {
        using var edge = Taught("On", answers: 49);
        _ = edge.NativeAsync();
        Pass(TimeSpan.FromSeconds(30));

        Assert.Single(_asked);
    }

    [Theory]
    [InlineData("On", 2)]
    [InlineData("SameProject", 1)]
    public void KeysOfOneProject_ArePassedOver_UnlessTheSettingSaysSo(string hedge, int second)
    {
        using var edge = Taught(hedge);

        // A refusal tells each key's project: the first two share one.
        var fixture = UpstreamAnswers.Fixture("403-service-blocked.json");
        _isScripted = true;
        var teaching = edge.NativeAsync("teaching", "embedContent");
        foreach (var (index, project) in new[] { (0, "projects/1"), (1, "projects/1"), (2, "projects/2") })
        {
            Context.Settle();
            _asked[index].Answer.SetResult(Blocked(fixture, project));
        }

        Context.Settle();
        Assert.True(teaching.IsCompleted);
        _asked.Clear();

        _ = edge.NativeAsync();
        Pass(Usual);
        Assert.Equal([Three[0], Three[second]], _asked.Select(asked => asked.Key));
    }

    [Fact]
    public void UpstreamThatIsSlowAltogether_CostsTheBudgetAlone()
    {
        using var edge = Taught("On", settings: new() { ["GeminiEdge:ExtraAttempts"] = "10" });
        _isScripted = true;
        for (var i = 0; i < 200; i++)
        {
            _ = edge.NativeAsync();
        }

        Pass(Usual);

        // A hundred at the beginning, and a tenth of the 60 and the 200 requests, but never more than a hundred at once.
        Assert.InRange(_asked.Count - 200, 100, 120);
    }

    [Fact]
    public void ModelIsGone_ByOneKeysWord_TheOtherAttemptIsCutOffAndTheNextModelAsked()
    {
        using var edge = Taught("On", settings: new() { ["GEMINI_FALLBACK_MODELS"] = "a=b" });
        var request = edge.NativeAsync();
        Pass(Usual);
        Assert.Equal(2, _asked.Count);

        _asked[0].Answer.SetResult(UpstreamAnswers.NoSuchModel());
        Context.Settle();

        Assert.True(_asked[1].Cancelled.IsCancellationRequested);
        Assert.Equal(3, _asked.Count);
        _asked[2].Says(Verdict.Ok);
        Context.Settle();
        Assert.Equal((200, "b"), (Status(request), Answered(request).Header("x-gemini-edge-model")));
    }

    private static HttpResponseMessage Blocked(string fixture, string project)
    {
        var json = JsonNode.Parse(fixture)!;
        json["error"]!["details"]![0]!["metadata"]!["consumer"] = project;
        return new(System.Net.HttpStatusCode.Forbidden) { Content = new StringContent(json.ToJsonString(), System.Text.Encoding.UTF8, "application/json") };
    }

    /// <summary>An edge that has measured the model's answers; from now on the test gives them.</summary>
    private InProcessEdge Taught(
        string hedge, int answers = 60, Dictionary<string, string?>? settings = null, string target = "/v1beta/models/a:generateContent", string? body = null)
    {
        var edge = new InProcessEdge(Three, Upstream, Time, new Dictionary<string, string?>(settings ?? []) { ["GeminiEdge:Hedge"] = hedge });
        for (var i = 0; i < answers; i++)
        {
            _ = edge.SendAsync(target, body ?? EdgeHost.Contents("Say hello"));
        }

        Pass(Usual);
        _isScripted = true;
        _lines = edge.Log.Count;
        return edge;
    }

    private int _lines;

    private List<JsonNode> Lines(InProcessEdge edge) =>
        [.. edge.Log.Skip(_lines).Where(line => line.Contains("\"event\":\"gemini_", StringComparison.Ordinal)).Select(line => JsonNode.Parse(line)!)];
}
