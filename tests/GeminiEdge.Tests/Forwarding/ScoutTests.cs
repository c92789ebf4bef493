using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>Of those who wait for a model or a key one finds out for the others.</summary>
public sealed class ScoutTests : PumpedTests
{
    private readonly List<TaskCompletionSource<HttpResponseMessage>> _pending = [];
    private readonly Queue<Verdict> _refusals = new();
    private bool _answersAtOnce;

    // First what is prepared; then whatever comes is answered well, at once or when the test says so.
    private protected override Task<HttpResponseMessage> AnswerAsync(UpstreamCall call)
    {
        if (_refusals.TryDequeue(out var verdict))
        {
            return Task.FromResult(UpstreamAnswers.Of(verdict));
        }

        if (_answersAtOnce)
        {
            return Task.FromResult(UpstreamAnswers.Of(call.Request.Headers.NonValidated.Contains("User-Agent") ? Verdict.UpstreamError : Verdict.Ok));
        }

        var answer = new TaskCompletionSource<HttpResponseMessage>();
        call.Cancelled.UnsafeRegister(_ => answer.TrySetCanceled(call.Cancelled), null);
        _pending.Add(answer);
        return answer.Task;
    }

    [Fact]
    public void WhoWaitsForOneKey_GoesOneFirst()
    {
        Refuse(1, Verdict.QuotaUnknown);
        using var edge = new InProcessEdge([Keys[0]], Upstream, Time);

        // The first is refused, and tries the resting key once more in vain; from then on its gate is closed for a second.
        var waiters = new List<Task<EdgeAnswer>> { edge.NativeAsync() };
        waiters.Add(edge.NativeAsync());
        Assert.Single(_pending);
        Answer(0, Verdict.QuotaUnknown);
        waiters.AddRange(Enumerable.Range(0, 20).Select(_ => edge.NativeAsync()));
        Assert.Single(_pending);

        Pass(TimeSpan.FromSeconds(5.1));
        Assert.True(Context.Run(() => _pending.Count < 2));
        Assert.Equal(2, _pending.Count);
        Answer(1, Verdict.Ok);
        Assert.True(Context.Run(() => _pending.Count < 23));
        AnswerAll(waiters);
    }

    [Fact]
    public void OneGoodPiece_LetsTheOthersGo()
    {
        using var edge = new InProcessEdge(Keys, Upstream, Time);
        _answersAtOnce = true;
        var waiters = Waiters(edge, 21);
        Assert.Equal(42, Upstream.Keys.Count);

        // The scout's backoff is random; by then it has had its answer, and the others have had theirs.
        PassUntil(TimeSpan.FromSeconds(0.6), [.. waiters]);

        Assert.All(waiters, waiter => Assert.Equal(200, Status(waiter)));
        Assert.Equal(63, Upstream.Keys.Count);
    }

    [Fact]
    public void Scout_IsServedSlowly_TheOthersGoAfterTwoSeconds()
    {
        using var edge = new InProcessEdge(Keys, Upstream, Time);
        var waiters = Waiters(edge, 21);
        Pass(TimeSpan.FromSeconds(0.6));
        Assert.Single(_pending);

        Pass(TimeSpan.FromSeconds(2.1));

        Assert.Equal(21, _pending.Count);
        AnswerAll(waiters);
    }

    [Fact]
    public void Scout_HasHeardOfOneKeyThatItIsStillOverloaded_TheOthersGoTwoSecondsAfterItAskedTheNext()
    {
        using var edge = new InProcessEdge(Keys, Upstream, Time, jitter: () => 0);
        var waiters = Waiters(edge, 21);
        Pass(TimeSpan.FromSeconds(1.5), () => _pending.Count > 0);
        Pass(TimeSpan.FromSeconds(1.5));
        Answer(0, Verdict.Overloaded);
        Assert.Equal(2, _pending.Count);

        Pass(TimeSpan.FromSeconds(1.9));
        Assert.Equal(2, _pending.Count);
        Pass(TimeSpan.FromSeconds(0.2));

        Assert.Equal(22, _pending.Count);
        AnswerAll(waiters);
    }

    [Fact]
    public void GoodPiece_OfSomebodyElse_EndsTheBackoff()
    {
        Refuse(1, Verdict.Overloaded);
        _answersAtOnce = true;
        using var edge = new InProcessEdge([Keys[0]], Upstream, Time);
        var waiter = edge.NativeAsync();
        Assert.False(waiter.IsCompleted);

        Assert.Equal(200, Status(edge.NativeAsync()));
        PassUntil(TimeSpan.Zero, waiter);

        Assert.Equal(200, Status(waiter));
    }

    [Fact]
    public void RequestThatAlwaysFails_IsNotAskedForAtEachGoodPiece()
    {
        _answersAtOnce = true;
        using var edge = new InProcessEdge([Keys[0]], Upstream, Time);
        var poison = edge.SendUntilAsync("/v1beta/models/a:generateContent", EdgeHost.Contents("Hello"), "POST", userAgent: "poison", CancellationToken.None);
        for (var i = 0; i < 1_020; i++)
        {
            Assert.Equal(200, Status(edge.NativeAsync()));
            Pass(TimeSpan.FromMilliseconds(10));
        }

        // Its first try, one at the first good piece, and then one for each backoff of half a second, a second, two, four.
        var tries = Upstream.Keys.Count - 1_020;
        Assert.Equal(502, Status(poison));
        Assert.InRange(tries, 4, 20);
        Assert.Contains($"upstream_error (500) \u00d7{tries}", Answered(poison).Body, StringComparison.Ordinal);
    }

    [Fact]
    public void WhileAllIsOverloaded_OneWaiterAModelGoesRound()
    {
        Refuse(10_000, Verdict.Overloaded);
        using var edge = new InProcessEdge(Keys, Upstream, Time);
        var waiters = Enumerable.Range(0, 40).Select(i => edge.NativeAsync(model: i % 2 == 0 ? "a" : "b")).ToList();
        PassUntil(TimeSpan.FromSeconds(11), [.. waiters]);

        Assert.All(waiters, waiter => Assert.Equal(502, Status(waiter)));

        // Two models, two keys a round: some five to seven backoffs of a scout in ten seconds, and at their end, which is the same
        // for all of them, each waiter is the scout for once.
        Assert.InRange(Upstream.Keys.Count - 80, 2 * 2 * 2, 2 * 2 * (20 + 10));
    }

    [Fact]
    public void GateClosesForASecond_TheBackoffGrowsOnlyForWhoWentRound()
    {
        // A quota's rest is over, but nobody has proved it: who has waited goes through the gate.
        var jitter = new Queue<double>([0.9, 0.1]);
        Refuse(1, Verdict.QuotaUnknown);
        using var edge = new InProcessEdge([Keys[0]], Upstream, Time, jitter: () => jitter.TryDequeue(out var drawn) ? drawn : 0.9);
        using var caller = new CancellationTokenSource();
        var leaving = edge.SendUntilAsync("/v1beta/models/a:generateContent", EdgeHost.Contents("Hello"), "POST", userAgent: null, caller.Token);
        caller.Cancel();
        Pass(TimeSpan.FromSeconds(6), () => leaving.IsCompleted);
        Pass(TimeSpan.FromSeconds(6));

        // The second draws the shorter backoff, and finds the upstream as it was: the gate closes.
        Refuse(3, Verdict.Overloaded);
        var waiters = new List<Task<EdgeAnswer>> { edge.NativeAsync(), edge.NativeAsync() };
        Pass(TimeSpan.FromSeconds(0.2));
        Assert.Empty(_refusals);
        Pass(TimeSpan.FromSeconds(0.9));
        Assert.Empty(_pending);

        // Half a second for the first, which never got its turn; a second for the other.
        Pass(TimeSpan.FromSeconds(0.5));
        Assert.Single(_pending);
        AnswerAll(waiters);
    }

    private void Refuse(int count, Verdict verdict)
    {
        for (var i = 0; i < count; i++)
        {
            _refusals.Enqueue(verdict);
        }
    }

    /// <summary>Those whom both keys have refused for being overloaded.</summary>
    private List<Task<EdgeAnswer>> Waiters(InProcessEdge edge, int count)
    {
        Refuse(2 * count, Verdict.Overloaded);
        var waiters = Enumerable.Range(0, count).Select(_ => edge.NativeAsync()).ToList();
        Context.Settle();
        return waiters;
    }

    private void Answer(int index, Verdict verdict)
    {
        _pending[index].SetResult(UpstreamAnswers.Of(verdict));
        Context.Settle();
    }

    private void AnswerAll(List<Task<EdgeAnswer>> waiters)
    {
        _answersAtOnce = true;
        _pending.ForEach(answer => answer.TrySetResult(UpstreamAnswers.Of(Verdict.Ok)));
        PassUntil(TimeSpan.FromSeconds(5), [.. waiters]);
        Assert.All(waiters, waiter => Assert.Equal(200, Status(waiter)));
    }
}
