using System.Text.Json.Nodes;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>When every key has failed and none was refused, the request waits and goes round again.</summary>
public sealed class SecondRoundTests : IDisposable
{
    private static readonly string[] Keys = ["the-first-key-of-two", "the-second-key-of-two"];
    private readonly JumpyTime _time = new();
    private readonly PumpedContext _context = new();
    private readonly SynchronizationContext? _before = SynchronizationContext.Current;
    private readonly Queue<Verdict> _answers = new();
    private readonly FakeUpstream _upstream;

    public SecondRoundTests()
    {
        SynchronizationContext.SetSynchronizationContext(_context);
        _upstream = new FakeUpstream(call =>
        {
            var verdict = _answers.Count > 0 ? _answers.Dequeue() : Verdict.Ok;
            return verdict == Verdict.Network
                ? Task.FromException<HttpResponseMessage>(new HttpRequestException(HttpRequestError.ResponseEnded, "It ended."))
                : Task.FromResult(Answer(call, verdict));
        });
    }

    public void Dispose()
    {
        SynchronizationContext.SetSynchronizationContext(_before);
        _context.Dispose();
        _upstream.Dispose();
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
        using var edge = new InProcessEdge(Keys, _upstream, _time);
        Answers(Verdict.Overloaded, Verdict.Overloaded);
        var request = edge.SendAsync(target, body);
        Assert.False(request.IsCompleted);

        Pass(TimeSpan.FromSeconds(0.6), request);

        Assert.Equal((200, 3), (Answered(request).Status, _upstream.Keys.Count));
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
        using var edge = new InProcessEdge(Keys, _upstream, _time);
        Answers(Enum.Parse<Verdict>(primary), Enum.Parse<Verdict>(secondary));
        var request = edge.NativeAsync();

        Pass(TimeSpan.FromSeconds(2), request);

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
        using var edge = new InProcessEdge(Keys, _upstream, _time);
        Answers(Enum.Parse<Verdict>(primary), Enum.Parse<Verdict>(secondary));

        Assert.Equal(502, Answered(edge.NativeAsync()).Status);
        Assert.Equal(2, _upstream.Keys.Count);
    }

    [Fact]
    public void AKeysRest_ThatEndsWithinPatience_IsWaitedFor()
    {
        using var edge = new InProcessEdge(Keys, _upstream, _time);
        Answers(Verdict.QuotaUnknown, Verdict.KeyInvalid);
        var request = edge.NativeAsync();

        Pass(TimeSpan.FromSeconds(4.9));
        Assert.False(request.IsCompleted);
        Pass(TimeSpan.FromSeconds(0.2), request);

        Assert.Equal((200, Keys[0]), (Answered(request).Status, _upstream.Keys[^1]));
    }

    [Fact]
    public void WhoWaitsForOneKey_GoesOneFirst()
    {
        var pending = new List<TaskCompletionSource<HttpResponseMessage>>();
        var first = true;
        using var upstream = new FakeUpstream(call =>
        {
            if (first)
            {
                first = false;
                return Task.FromResult(UpstreamAnswers.Of(Verdict.QuotaUnknown));
            }

            var answer = new TaskCompletionSource<HttpResponseMessage>();
            call.Cancelled.UnsafeRegister(_ => answer.TrySetCanceled(call.Cancelled), null);
            pending.Add(answer);
            return answer.Task;
        });
        using var edge = new InProcessEdge([Keys[0]], upstream, _time);

        // The first is refused, and tries the resting key once more in vain; from then on its gate is closed for a second.
        var waiters = new List<Task<EdgeAnswer>> { edge.NativeAsync() };
        waiters.Add(edge.NativeAsync());
        Assert.Single(pending);
        pending[0].SetResult(UpstreamAnswers.Of(Verdict.QuotaUnknown));
        _context.Settle();
        waiters.AddRange(Enumerable.Range(0, 20).Select(_ => edge.NativeAsync()));
        Assert.Single(pending);

        Pass(TimeSpan.FromSeconds(5.1));
        Assert.True(_context.Run(() => pending.Count < 2));
        Assert.Equal(2, pending.Count);
        pending[1].SetResult(UpstreamAnswers.Of(Verdict.Ok));
        Assert.True(_context.Run(() => pending.Count < 23));
        pending.ForEach(answer => answer.TrySetResult(UpstreamAnswers.Of(Verdict.Ok)));
        Assert.True(_context.Run(() => !waiters.TrueForAll(waiter => waiter.IsCompleted)));
        Assert.All(waiters, waiter => Assert.Equal(200, Answered(waiter).Status));
    }

    [Fact]
    public void OneGoodPiece_LetsTheOthersGo()
    {
        using var edge = new InProcessEdge(Keys, _upstream, _time);
        Answers([.. Enumerable.Repeat(Verdict.Overloaded, 42)]);
        var waiters = Enumerable.Range(0, 21).Select(_ => edge.NativeAsync()).ToList();
        Pass(TimeSpan.Zero);
        Assert.Equal(42, _upstream.Keys.Count);

        // The scout's backoff is random; by then it has had its answer, and the others have had theirs.
        Pass(TimeSpan.FromSeconds(0.6), [.. waiters]);

        Assert.All(waiters, waiter => Assert.Equal(200, Answered(waiter).Status));
        Assert.Equal(63, _upstream.Keys.Count);
    }

    [Fact]
    public void Scout_IsServedSlowly_TheOthersGoAfterTwoSeconds()
    {
        var slow = new List<TaskCompletionSource<HttpResponseMessage>>();
        var refused = 0;
        using var upstream = new FakeUpstream(call =>
        {
            if (refused++ < 42)
            {
                return Task.FromResult(UpstreamAnswers.Of(Verdict.Overloaded));
            }

            var answer = new TaskCompletionSource<HttpResponseMessage>();
            call.Cancelled.UnsafeRegister(_ => answer.TrySetCanceled(call.Cancelled), null);
            slow.Add(answer);
            return answer.Task;
        });
        using var edge = new InProcessEdge(Keys, upstream, _time);
        var waiters = Enumerable.Range(0, 21).Select(_ => edge.NativeAsync()).ToList();
        Pass(TimeSpan.FromSeconds(0.6));
        Assert.Single(slow);

        Pass(TimeSpan.FromSeconds(2.1));
        Assert.Equal(21, slow.Count);
        slow.ForEach(answer => answer.SetResult(UpstreamAnswers.Of(Verdict.Ok)));
        Pass(TimeSpan.Zero, [.. waiters]);
        Assert.All(waiters, waiter => Assert.Equal(200, Answered(waiter).Status));
    }

    [Fact]
    public void GoodPiece_OfSomebodyElse_EndsTheBackoff()
    {
        using var edge = new InProcessEdge([Keys[0]], _upstream, _time);
        Answers(Verdict.Overloaded);
        var waiter = edge.NativeAsync();
        Assert.False(waiter.IsCompleted);

        Assert.Equal(200, Answered(edge.NativeAsync()).Status);
        Pass(TimeSpan.Zero, waiter);

        Assert.Equal(200, Answered(waiter).Status);
    }

    [Fact]
    public void RequestThatAlwaysFails_IsNotAskedForAtEachGoodPiece()
    {
        var calls = 0;
        using var upstream = new FakeUpstream(call =>
        {
            var isPoison = call.Request.Headers.NonValidated.Contains("User-Agent");
            calls += isPoison ? 1 : 0;
            return Task.FromResult(UpstreamAnswers.Of(isPoison ? Verdict.UpstreamError : Verdict.Ok));
        });
        using var edge = new InProcessEdge([Keys[0]], upstream, _time);
        var poison = edge.SendUntilAsync("/v1beta/models/a:generateContent", EdgeHost.Contents("Hello"), "POST", userAgent: "poison", CancellationToken.None);
        for (var i = 0; i < 1_020; i++)
        {
            Assert.Equal(200, Answered(edge.NativeAsync()).Status);
            Pass(TimeSpan.FromMilliseconds(10));
        }

        // Its first try, one at the first good piece, and then one for each backoff of half a second, a second, two, four.
        Assert.Equal(502, Answered(poison).Status);
        Assert.InRange(calls, 4, 20);
        Assert.Contains($"upstream_error (500) \u00d7{calls}", Answered(poison).Body, StringComparison.Ordinal);
    }

    [Fact]
    public void WhileAllIsOverloaded_OneWaiterAModelGoesRound()
    {
        using var edge = new InProcessEdge(Keys, _upstream, _time);
        Answers([.. Enumerable.Repeat(Verdict.Overloaded, 10_000)]);
        var waiters = Enumerable.Range(0, 40).Select(i => edge.NativeAsync(model: i % 2 == 0 ? "a" : "b")).ToList();
        Pass(TimeSpan.FromSeconds(11), [.. waiters]);

        Assert.All(waiters, waiter => Assert.Equal(502, Answered(waiter).Status));

        // Two models, two keys a round: some five to seven backoffs of a scout in ten seconds, and at their end, which is the same
        // for all of them, each waiter is the scout for once.
        Assert.InRange(_upstream.Keys.Count - 80, 2 * 2 * 2, 2 * 2 * (20 + 10));
    }

    [Theory]
    [InlineData("x-stainless-retry-count", "1")]
    [InlineData("x-server-timeout", "0.005")]
    public void Caller_WhoRepeatsItselfOrIsInAHurry_GetsNoSecondRound(string name, string value)
    {
        using var edge = new InProcessEdge(Keys, _upstream, _time);
        Answers([.. Enumerable.Repeat(Verdict.Overloaded, 100)]);
        var request = edge.SendUntilAsync("/v1beta/models/a:generateContent", EdgeHost.Contents("Hello"), "POST", userAgent: null, CancellationToken.None, (name, value));
        Pass(TimeSpan.FromMilliseconds(5), request);

        Assert.Equal((502, 2), (Answered(request).Status, _upstream.Keys.Count));
    }

    [Theory]
    [InlineData("/v1beta/models/a:generateContent", """{"contents":[{"parts":[{"fileData":{"fileUri":"https://h/v1beta/files/f"}}]}]}""", 1)]
    [InlineData("/v1beta/models/a:predictLongRunning", """{"instances":[]}""", 1)]
    public void Call_OfAProjectOrNotToBeRepeated_GetsNoSecondRound(string target, string body, int calls)
    {
        using var edge = new InProcessEdge(Keys, _upstream, _time);
        Answers(Verdict.Overloaded);

        Assert.Equal((503, calls), (Answered(edge.SendAsync(target, body)).Status, _upstream.Keys.Count));
    }

    [Fact]
    public void Patience_IsOver_SaysWhatEachKeySaid()
    {
        using var edge = new InProcessEdge(Keys, _upstream, _time, new() { ["GeminiEdge:Patience"] = "00:00:03" });
        Answers([.. Enumerable.Repeat(Verdict.Overloaded, 100)]);
        var request = edge.NativeAsync();
        Pass(TimeSpan.FromSeconds(2.9));
        Assert.False(request.IsCompleted);
        Pass(TimeSpan.FromSeconds(0.2), request);

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

    /// <summary>Lets time pass, in steps, until these have ended or it is over.</summary>
    private void Pass(TimeSpan length, params Task[] requests)
    {
        for (var end = _time.GetElapsedTime(0) + length; ;)
        {
            _context.Settle();
            var left = end - _time.GetElapsedTime(0);
            if (left <= TimeSpan.Zero)
            {
                break;
            }

            _time.Advance(left < TimeSpan.FromMilliseconds(10) ? left : TimeSpan.FromMilliseconds(10));
        }

        if (requests.Length > 0)
        {
            Assert.True(_context.Run(() => Array.Exists(requests, request => !request.IsCompleted)));
        }
    }

    private static EdgeAnswer Answered(Task<EdgeAnswer> request)
    {
        Assert.True(request.IsCompleted);
        return request.GetAwaiter().GetResult();
    }

    /// <summary>The last event of that name.</summary>
    private static JsonNode Line(InProcessEdge edge, string name) =>
        JsonNode.Parse(edge.Log.Last(line => line.Contains($"\"event\":\"{name}\"", StringComparison.Ordinal)))!;
}
