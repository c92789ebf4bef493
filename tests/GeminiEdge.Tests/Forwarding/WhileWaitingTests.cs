using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>What happens to keys and models while a request waits, and what it does then.</summary>
public sealed class WhileWaitingTests : PumpedTests
{
    private static readonly string[] Three = [.. Keys, "the-third-key-of-three"];

    private readonly List<string> _models = [];
    private readonly HashSet<string> _gone = [];

    // Null for no answer.
    private Func<string, Verdict?> _answer = _ => Verdict.Ok;
    private Func<string, TimeSpan> _takes = _ => TimeSpan.Zero;

    public WhileWaitingTests()
        : base(new AskedTime())
    {
    }

    private protected override async Task<HttpResponseMessage> AnswerAsync(UpstreamCall call)
    {
        var model = call.Path.Split("/models/")[1].Split(':')[0];
        _models.Add(model);
        var verdict = _answer(model);
        if (_takes(model) is var takes && takes > TimeSpan.Zero)
        {
            await Task.Delay(takes, Time, call.Cancelled);
        }

        return _gone.Contains(model) ? UpstreamAnswers.NoSuchModel()
            : verdict is { } said ? UpstreamAnswers.Of(said) : await call.StaySilentAsync();
    }

    [Fact]
    public void KeyDies_ThoseWhoWaitForItsOverloadToPass_FailAtOnce()
    {
        using var edge = new InProcessEdge([Keys[0]], Upstream, Time);
        _answer = model => model == "a" ? Verdict.Overloaded : Verdict.KeyLeaked;
        var waiters = new List<Task<EdgeAnswer>> { edge.NativeAsync(), edge.NativeAsync() };
        Assert.All(waiters, waiter => Assert.False(waiter.IsCompleted));

        Assert.Equal(502, Status(edge.NativeAsync(model: "b")));
        Assert.True(Context.Run(() => waiters.Exists(waiter => !waiter.IsCompleted)));

        Assert.All(waiters, waiter => Assert.Equal(502, Status(waiter)));
        Assert.Equal(["a", "a", "b"], _models);
    }

    [Fact]
    public void KeyDies_AndTheOtherHasSaidThatTheModelCannotBeHad_AsksTheNextModelAtOnce()
    {
        using var edge = Chain(Keys, "a=b");
        var said = new Queue<Verdict>([Verdict.ForbiddenUnknown, Verdict.Overloaded, Verdict.KeyLeaked]);
        _answer = _ => said.TryDequeue(out var verdict) ? verdict : Verdict.Ok;
        var waiter = edge.NativeAsync();
        Assert.False(waiter.IsCompleted);

        Assert.Equal(200, Status(edge.NativeAsync(model: "c")));
        Assert.True(Context.Run(() => !waiter.IsCompleted));

        Assert.Equal((200, "b"), Told(waiter));
    }

    [Fact]
    public void FallbackRefusesTheRequest_OneThatWasPassedOverBefore_IsNotAskedAfterIt()
    {
        using var edge = Chain([Keys[0]], "a=b,c");
        Rest(edge, "b", Verdict.QuotaUnknown);
        Rest(edge, "c", Verdict.QuotaNone);
        _models.Clear();
        _answer = model => model switch { "a" => Verdict.Overloaded, "b" => Verdict.CallerError, _ => Verdict.Ok };
        var waiter = edge.NativeAsync();
        Pass(TimeSpan.FromSeconds(7), () => _models.Contains("b"));
        _answer = _ => Verdict.Ok;
        Pass(TimeSpan.FromSeconds(9), () => waiter.IsCompleted);

        Assert.Equal((200, "a"), Told(waiter));
        Assert.DoesNotContain("c", _models);
    }

    [Fact]
    public void ThoseWhoHaveWaited_GoOneFirstThroughTheGateOfAFallbackToo()
    {
        using var edge = Chain([Keys[0]], "a=b");
        Rest(edge, "b", Verdict.QuotaUnknown);
        Time.Advance(TimeSpan.FromSeconds(6));
        _answer = model => model == "a" ? Verdict.UpstreamError : null;
        var waiters = Enumerable.Range(0, 5).Select(_ => edge.NativeAsync()).ToList();
        _answer = model => model == "a" ? Verdict.Ok : null;
        Assert.Equal(200, Status(edge.NativeAsync(action: "embedContent")));
        _answer = model => model == "a" ? Verdict.Overloaded : null;
        _models.Clear();
        Pass(TimeSpan.FromSeconds(2), () => false);

        Assert.Single(_models, "b");
        Assert.True(_models.Count(model => model == "a") >= waiters.Count);
    }

    [Fact]
    public void KeyWasNotAsked_ItsRestEndsWhileAnotherModelIs_IsTriedAtOnce()
    {
        using var edge = Chain(Three, "a=b");
        Say(Verdict.KeyInvalid, Verdict.ModelUnavailable, Verdict.KeyInvalid, Verdict.Ok);
        Assert.Equal((200, "b"), Told(edge.NativeAsync()));

        // The first is the last resort, the second hasn't got the model, the third rests for a minute.
        Say(Verdict.KeyInvalid, Verdict.CallerError);
        _takes = model => TimeSpan.FromSeconds(model == "b" ? 70 : 0);
        var waiter = edge.NativeAsync();
        PassUntil(TimeSpan.FromSeconds(71), waiter);

        Assert.Equal((200, "a"), Told(waiter));
        Assert.Equal(["a", "b", "a"], _models[4..]);
    }

    [Fact]
    public void KeyWasNotAsked_ItsGateOpensWhileAnotherModelIs_IsTheLastResort()
    {
        using var edge = Chain(Three, "a=b");
        Say(Verdict.KeyLeaked, Verdict.ModelUnavailable, Verdict.KeyInvalid, Verdict.Ok);
        Assert.Equal((200, "b"), Told(edge.NativeAsync()));

        // The third and the second are tried in vain, which closes their gates for a second.
        Say(Verdict.KeyInvalid, Verdict.Ok, Verdict.ModelUnavailable, Verdict.Ok);
        Assert.Equal((200, "b"), Told(edge.NativeAsync()));
        Assert.Equal((200, "b"), Told(edge.NativeAsync()));
        Say(Verdict.CallerError);
        _takes = model => TimeSpan.FromSeconds(model == "b" ? 2 : 0);
        var waiter = edge.NativeAsync();
        PassUntil(TimeSpan.FromSeconds(3), waiter);

        Assert.Equal((200, "a"), Told(waiter));
        Assert.Equal(["b", "a"], _models[8..]);
    }

    [Fact]
    public void FallbackIsGone_InALaterRound_TheNextOneIsAsked()
    {
        using var edge = Chain([Keys[0]], "a=b,c");
        Say(Verdict.ModelUnavailable, Verdict.Overloaded, Verdict.QuotaUnknown);
        var waiter = edge.NativeAsync();
        _gone.Add("b");
        _takes = model => TimeSpan.FromSeconds(model == "b" ? 6 : 0);
        PassUntil(TimeSpan.FromSeconds(8), waiter);

        Assert.Equal((200, "c"), Told(waiter));
        Assert.Equal(["a", "b", "c", "b", "c"], _models);
    }

    [Fact]
    public void FirstModelIsGone_AfterAFallbackHasRefusedTheRequest_ItsWordIsTheLast()
    {
        using var edge = Chain([Keys[0]], "a=b");
        Rest(edge, "a", Verdict.QuotaUnknown);
        Say(Verdict.QuotaUnknown, Verdict.CallerError);
        _models.Clear();
        var waiter = edge.NativeAsync();
        _gone.Add("a");
        PassUntil(TimeSpan.FromSeconds(12), waiter);

        Assert.Equal(404, Status(waiter));
        Assert.Equal(["a", "b", "a"], _models);
    }

    [Fact]
    public void ThoseWhoHaveWaitedBeforeTheyAskedAnybody_GoOneFirstThroughTheGateOfAFallbackToo()
    {
        using var edge = Chain([Keys[0]], "a=b");
        Rest(edge, "b", Verdict.QuotaUnknown);
        _answer = _ => Verdict.KeyInvalid;
        Assert.Equal(502, Status(edge.NativeAsync()));

        // One finds out whether the key works, for longer than the fallback's rest; the others wait for what it says.
        (_answer, _takes) = (_ => Verdict.Ok, _ => TimeSpan.FromSeconds(6));
        var holder = edge.NativeAsync();
        (_answer, _takes) = (model => model == "a" ? Verdict.Overloaded : null, _ => TimeSpan.Zero);
        _models.Clear();
        var waiters = Enumerable.Range(0, 5).Select(_ => edge.NativeAsync()).ToList();
        Assert.Empty(_models);
        PassUntil(TimeSpan.FromSeconds(7), holder);
        Pass(TimeSpan.FromSeconds(0.1));

        Assert.Equal(200, Status(holder));
        Assert.Single(_models, "b");
        Assert.True(_models.Count(model => model == "a") >= waiters.Count);
    }

    [Fact]
    public void FallbacksKeyIsBack_WhileItIsNotItsTurn_IsNoReasonToLookAllTheTime()
    {
        using var edge = Chain([Keys[0]], "a=b", () => 0.9);
        Rest(edge, "b", Verdict.QuotaUnknown);
        Rest(edge, "b", Verdict.QuotaUnknown);
        _answer = _ => Verdict.Overloaded;
        var waiter = edge.NativeAsync();
        Assert.Equal("a", _models[^1]);

        // From now on nobody says that the model can't be had; and the next one's key rests for five seconds, the backoff for longer.
        _answer = _ => Verdict.UpstreamError;
        Pass(TimeSpan.FromSeconds(6), () => waiter.IsCompleted);
        Assert.False(waiter.IsCompleted);
        Assert.Equal(["b", "b", "a", "a", "a", "a"], _models);

        _answer = _ => Verdict.Ok;
        Pass(TimeSpan.FromSeconds(4), () => waiter.IsCompleted);
        Assert.Equal((200, "a"), Told(waiter));
    }

    [Fact]
    public void ProcessSleepsPastTheDeadline_NobodyIsAskedBesideTheSlowOne()
    {
        using var edge = new InProcessEdge(Keys, Upstream, Time, new() { ["GeminiEdge:Hedge"] = "On" });
        var takes = TimeSpan.FromSeconds(0.1);
        _takes = _ => takes;
        var quick = Enumerable.Range(0, 50).Select(_ => edge.NativeAsync()).ToList();
        Time.Advance(takes);
        Assert.True(Context.Run(() => quick.Exists(answer => !answer.IsCompleted)));
        Assert.All(quick, answer => Assert.Equal(200, Status(answer)));

        (_takes, _answer) = (_ => TimeSpan.Zero, _ => null);
        var slow = edge.NativeAsync();
        Time.Advance(TimeSpan.FromSeconds(300));
        Assert.True(Context.Run(() => !slow.IsCompleted));

        Assert.Equal((504, 51), (Status(slow), _models.Count));
    }

    /// <summary>A clock that finds out who asks it all the time instead of waiting.</summary>
    private sealed class AskedTime : FakeTimeProvider
    {
        private const int TooOften = 1_000_000;
        private int _asked;

        public override long GetTimestamp() =>
            Interlocked.Increment(ref _asked) < TooOften ? base.GetTimestamp() : throw new InvalidOperationException("Somebody asks for the time instead of waiting.");
    }

    /// <summary>How it ended, and which model answered.</summary>
    private static (int, string?) Told(Task<EdgeAnswer> request) => (Status(request), Answered(request).Header("x-gemini-edge-model"));

    /// <summary>The next answers, in turn; after them all is well.</summary>
    private void Say(params Verdict[] verdicts)
    {
        var said = new Queue<Verdict>(verdicts);
        _answer = _ => said.TryDequeue(out var verdict) ? verdict : Verdict.Ok;
    }

    private InProcessEdge Chain(string[] keys, string models, Jitter? jitter = null) =>
        new(keys, Upstream, Time, new() { ["GEMINI_FALLBACK_MODELS"] = models }, jitter: jitter);

    /// <summary>Lets every key of the edge rest for a model; whoever found that out doesn't wait.</summary>
    private void Rest(InProcessEdge edge, string model, Verdict verdict)
    {
        _answer = _ => verdict;
        using var caller = new CancellationTokenSource();
        var leaving = edge.SendUntilAsync($"/v1beta/models/{model}:generateContent", EdgeHost.Contents("Hello"), "POST", userAgent: null, caller.Token);
        caller.Cancel();
        Assert.True(Context.Run(() => !leaving.IsCompleted));
    }
}
