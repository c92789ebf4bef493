using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>While somebody tries a key, the others wait for what it says instead of failing.</summary>
public sealed class WaitingTests : PumpedTests
{
    private readonly List<TaskCompletionSource<HttpResponseMessage>> _pending = [];
    private Verdict? _always;

    private protected override Task<HttpResponseMessage> AnswerAsync(UpstreamCall call)
    {
        if (_always is { } verdict)
        {
            return Task.FromResult(UpstreamAnswers.Of(verdict));
        }

        var answer = new TaskCompletionSource<HttpResponseMessage>();
        call.Cancelled.UnsafeRegister(_ => answer.TrySetCanceled(call.Cancelled), null);
        _pending.Add(answer);
        return answer.Task;
    }

    [Theory]
    [InlineData("00:00:10", true)]
    [InlineData("00:00:00", false)]
    public void Callers_VagueQuotaEverySixSecondsAndAnswersOfTwo_AreAllAnsweredIfTheyWait(string patience, bool all)
    {
        // The scenario runs on the fake clock: eight callers, 38 seconds, 152 requests.
        var (next429, inUpstream) = (TimeSpan.FromSeconds(6), 0);
        var start = Time.GetTimestamp();
        using var upstream = new FakeUpstream(async call =>
        {
            if (Time.GetElapsedTime(start) >= next429)
            {
                next429 += TimeSpan.FromSeconds(6);
                return UpstreamAnswers.Of(Verdict.QuotaUnknown);
            }

            inUpstream++;
            await Task.Delay(TimeSpan.FromSeconds(2), Time, call.Cancelled);
            inUpstream--;
            return UpstreamAnswers.Of(Verdict.Ok);
        });
        using var edge = new InProcessEdge(Keys, upstream, Time, new() { ["GeminiEdge:Patience"] = patience });
        var statuses = new List<int>();
        var callers = Enumerable.Range(0, 8).Select(_ => CallAsync()).ToList();
        while (!callers.TrueForAll(caller => caller.IsCompleted))
        {
            Assert.True(Context.Run(() => all && inUpstream == 0 && !callers.TrueForAll(caller => caller.IsCompleted)));
            Time.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal((true, all), (statuses.Count >= 130, statuses.TrueForAll(status => status == 200)));
        Assert.Equal(all, edge.Log.Any(line => line.Contains("\"waited_ms\":", StringComparison.Ordinal)));

        async Task CallAsync()
        {
            while (Time.GetElapsedTime(start) < TimeSpan.FromSeconds(38))
            {
                statuses.Add((await edge.NativeAsync()).Status);
                if (statuses[^1] != 200)
                {
                    await Task.Delay(TimeSpan.FromSeconds(2), Time);
                }
            }
        }
    }

    [Fact]
    public void Waiters_TheTrySucceeds_GoTogetherWithThatKey()
    {
        using var edge = Resting(one: true);
        var holder = edge.NativeAsync();
        var waiters = Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? edge.NativeAsync() : edge.GenerateAsync()).ToList();
        Assert.Single(_pending);

        Answer(0, Verdict.Ok);
        Assert.True(Context.Run(() => _pending.Count < 21));
        Assert.All(Upstream.Keys, key => Assert.Equal(Keys[0], key));
        AnswerRest();

        Assert.All([holder, .. waiters], request => Assert.Equal(200, Status(request)));
    }

    [Fact]
    public void Waiters_TheTryFails_FailAtOnceWithoutAskingAnybody()
    {
        using var edge = Resting(one: true);
        var holder = edge.NativeAsync();
        var waiters = Enumerable.Range(0, 20).Select(_ => edge.NativeAsync()).ToList();

        Answer(0, Verdict.BillingExhausted);
        Assert.True(Context.Run(() => !waiters.TrueForAll(waiter => waiter.IsCompleted)));

        Assert.Single(_pending);
        Assert.All([holder, .. waiters], request => Assert.Equal(502, Status(request)));
    }

    [Fact]
    public void Waiters_TheTryTellsNothing_TryOneAfterTheOther()
    {
        using var edge = Resting(one: true);
        var holder = edge.NativeAsync();
        var waiters = Enumerable.Range(0, 3).Select(_ => edge.NativeAsync()).ToList();

        for (var i = 0; i < 3; i++)
        {
            Answer(i, Verdict.CallerError);
            Assert.True(Context.Run(() => _pending.Count == i + 1));
            Assert.Equal(i + 2, _pending.Count);
        }

        Answer(3, Verdict.Ok);
        Assert.True(Context.Run(() => !waiters.TrueForAll(waiter => waiter.IsCompleted)));
        Assert.Equal([200, 400, 400, 400], waiters.Append(holder).Select(request => Status(request)).Order());
    }

    [Fact]
    public void Waiter_TheTryIsSilent_TakesTheGateWhenItsPatienceEnds()
    {
        using var edge = Resting(one: true, verdict: Verdict.KeyInvalid);
        _ = edge.NativeAsync();
        var waiter = edge.NativeAsync();

        Time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.True(Context.Run(() => false));
        Assert.Single(_pending);
        Time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(Context.Run(() => _pending.Count == 1));

        Answer(1, Verdict.Ok);
        Assert.True(Context.Run(() => !waiter.IsCompleted));
        Assert.Equal(200, Status(waiter));
    }

    [Theory]
    [InlineData("00:00:03", null, 3)]
    [InlineData("00:00:10", "2", 2)]
    [InlineData("00:00:00", null, 0)]
    public void Waiter_PatienceOfTheSettingOrOfTheCaller_IsOver_Fails(string patience, string? serverTimeout, int seconds)
    {
        using var edge = Resting(one: true, new() { ["GeminiEdge:Patience"] = patience });
        _ = edge.NativeAsync();
        var waiter = edge.SendUntilAsync("/v1beta/models/a:generateContent", EdgeHost.Contents("Hello"), "POST", userAgent: null, CancellationToken.None,
            serverTimeout is null ? null : ("x-server-timeout", serverTimeout));
        if (seconds > 0)
        {
            Time.Advance(TimeSpan.FromSeconds(seconds - 0.1));
            Assert.True(Context.Run(() => false));
            Assert.False(waiter.IsCompleted);
            Time.Advance(TimeSpan.FromSeconds(0.1));
        }

        Assert.True(Context.Run(() => !waiter.IsCompleted));
        Assert.Equal(502, Status(waiter));
    }

    [Fact]
    public void Waiter_ItsCallerLeaves_IsGoneAndTheOthersWaitOn()
    {
        using var edge = Resting(one: true);
        _ = edge.NativeAsync();
        using var caller = new CancellationTokenSource();
        var leaving = edge.SendUntilAsync("/v1beta/models/a:generateContent", EdgeHost.Contents("Hello"), "POST", userAgent: null, caller.Token);
        var waiter = edge.NativeAsync();

        caller.Cancel();
        Assert.True(Context.Run(() => !leaving.IsCompleted));

        Assert.False(waiter.IsCompleted);
        Answer(0, Verdict.Ok);
        Assert.True(Context.Run(() => _pending.Count < 2));
        AnswerRest();
        Assert.Equal(200, Status(waiter));
    }

    [Fact]
    public void Waiter_ItsCallerLeavesAfterAnAttempt_TheAttemptIsTold()
    {
        using var edge = Resting(verdict: Verdict.KeyInvalid);
        var holders = (edge.NativeAsync(), edge.NativeAsync());
        Answer(1, Verdict.CallerError);
        using var caller = new CancellationTokenSource();
        var leaving = edge.SendUntilAsync("/v1beta/models/a:generateContent", EdgeHost.Contents("Hello"), "POST", userAgent: null, caller.Token);
        Answer(2, Verdict.Overloaded);
        Assert.False(leaving.IsCompleted);
        var before = edge.Log.Count(line => line.Contains("gemini_fail", StringComparison.Ordinal));

        caller.Cancel();
        Assert.True(Context.Run(() => !leaving.IsCompleted));

        Assert.Equal(before + 1, edge.Log.Count(line => line.Contains("gemini_fail", StringComparison.Ordinal)));
        Answer(0, Verdict.Ok);
        Assert.Equal((200, 400), (Status(holders.Item1), Status(holders.Item2)));
    }

    [Fact]
    public void Try_OfOneKindSucceedsAfterAnotherKindsHas_CountsToo()
    {
        using var edge = Resting(one: true, verdict: Verdict.KeyBlocked);
        _always = Verdict.KeyBlocked;
        Assert.Equal(502, Status(edge.NativeAsync(action: "embedContent")));
        _always = null;
        var embed = edge.NativeAsync(action: "embedContent");
        var chat = edge.NativeAsync();

        Answer(1, Verdict.Ok);
        Answer(0, Verdict.Ok);

        Assert.Equal((200, 200), (Status(chat), Status(embed)));
        Assert.True(edge.Ring.Keys[0].Health.IsUntroubled);
    }

    [Fact]
    public void Waiters_MoreThanAThousand_FailAtOnce()
    {
        using var edge = Resting(one: true);
        _ = edge.NativeAsync();
        var waiters = Enumerable.Range(0, 1_005).Select(_ => edge.NativeAsync()).ToList();

        Assert.Equal(5, waiters.Count(waiter => waiter.IsCompleted));
        Assert.All(waiters.Where(waiter => waiter.IsCompleted), waiter => Assert.Equal(502, Status(waiter)));
        Answer(0, Verdict.Ok);
        Assert.True(Context.Run(() => _pending.Count < 1_001));
        AnswerRest();
        Assert.Equal(1_000, waiters.Count(waiter => Status(waiter) == 200));
    }

    [Theory]
    [InlineData("batchGenerateContent")]
    [InlineData("predictLongRunning")]
    public void Call_ThatMustNotBeRepeated_DoesNotWait(string action)
    {
        using var edge = Resting(one: true, action: action);
        _ = edge.NativeAsync(action: action);

        Assert.Equal(502, Status(edge.NativeAsync(action: action)));
    }

    [Fact]
    public void Call_OfAnotherKind_HasAGateOfItsOwn()
    {
        using var edge = Resting(one: true, verdict: Verdict.KeyInvalid);
        _ = edge.NativeAsync();
        _ = edge.NativeAsync(action: "countTokens");

        Assert.Equal(2, _pending.Count);
    }

    /// <summary>An edge whose keys have all just been refused.</summary>
    private InProcessEdge Resting(bool one = false, Dictionary<string, string?>? settings = null, string action = "generateContent", Verdict verdict = Verdict.BillingExhausted)
    {
        var edge = new InProcessEdge(one ? [Keys[0]] : Keys, Upstream, Time, settings);
        _always = verdict;
        Assert.Equal(502, Status(edge.NativeAsync(action: action)));
        _always = null;
        Upstream.Forget();
        return edge;
    }

    private void Answer(int index, Verdict verdict) => _pending[index].SetResult(UpstreamAnswers.Of(verdict));

    private void AnswerRest()
    {
        foreach (var pending in _pending.Where(pending => !pending.Task.IsCompleted).ToList())
        {
            pending.SetResult(UpstreamAnswers.Of(Verdict.Ok));
        }

        Assert.True(Context.Run(() => false));
    }
}
