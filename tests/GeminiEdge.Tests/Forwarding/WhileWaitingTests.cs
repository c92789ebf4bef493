using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>What happens to keys and models while a request waits, and what it does then.</summary>
public sealed class WhileWaitingTests : IDisposable
{
    private static readonly string[] Keys = ["the-first-key-of-two", "the-second-key-of-two"];
    private readonly AskedTime _time = new();
    private readonly PumpedContext _context = new();
    private readonly SynchronizationContext? _before = SynchronizationContext.Current;
    private readonly List<string> _models = [];
    private readonly FakeUpstream _upstream;

    // Null for no answer.
    private Func<string, Verdict?> _answer = _ => Verdict.Ok;
    private TimeSpan _takes;

    public WhileWaitingTests()
    {
        SynchronizationContext.SetSynchronizationContext(_context);
        _upstream = new FakeUpstream(async call =>
        {
            if (_takes > TimeSpan.Zero)
            {
                await Task.Delay(_takes, _time, call.Cancelled);
            }

            var model = call.Path.Split("/models/")[1].Split(':')[0];
            _models.Add(model);
            return _answer(model) is { } verdict ? UpstreamAnswers.Of(verdict) : await call.StaySilentAsync();
        });
    }

    public void Dispose()
    {
        SynchronizationContext.SetSynchronizationContext(_before);
        _context.Dispose();
        _upstream.Dispose();
    }

    [Fact]
    public void KeyDies_ThoseWhoWaitForItsOverloadToPass_FailAtOnce()
    {
        using var edge = new InProcessEdge([Keys[0]], _upstream, _time);
        _answer = model => model == "a" ? Verdict.Overloaded : Verdict.KeyLeaked;
        var waiters = new List<Task<EdgeAnswer>> { edge.NativeAsync(), edge.NativeAsync() };
        Assert.All(waiters, waiter => Assert.False(waiter.IsCompleted));

        Assert.Equal(502, Status(edge.NativeAsync(model: "b")));
        Assert.True(_context.Run(() => waiters.Exists(waiter => !waiter.IsCompleted)));

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
        Assert.True(_context.Run(() => !waiter.IsCompleted));

        Assert.Equal((200, "b"), (Status(waiter), Answer(waiter).Header("x-gemini-edge-model")));
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

        Assert.Equal((200, "a"), (Status(waiter), Answer(waiter).Header("x-gemini-edge-model")));
        Assert.DoesNotContain("c", _models);
    }

    [Fact]
    public void ThoseWhoHaveWaited_GoOneFirstThroughTheGateOfAFallbackToo()
    {
        using var edge = Chain([Keys[0]], "a=b");
        Rest(edge, "b", Verdict.QuotaUnknown);
        _time.Advance(TimeSpan.FromSeconds(6));
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
        Assert.Equal((200, "a"), (Status(waiter), Answer(waiter).Header("x-gemini-edge-model")));
    }

    [Fact]
    public void ProcessSleepsPastTheDeadline_NobodyIsAskedBesideTheSlowOne()
    {
        using var edge = new InProcessEdge(Keys, _upstream, _time, new() { ["GeminiEdge:Hedge"] = "On" });
        _takes = TimeSpan.FromSeconds(0.1);
        var quick = Enumerable.Range(0, 50).Select(_ => edge.NativeAsync()).ToList();
        _time.Advance(_takes);
        Assert.True(_context.Run(() => quick.Exists(answer => !answer.IsCompleted)));
        Assert.All(quick, answer => Assert.Equal(200, Status(answer)));

        (_takes, _answer) = (TimeSpan.Zero, _ => null);
        var slow = edge.NativeAsync();
        _time.Advance(TimeSpan.FromSeconds(300));
        Assert.True(_context.Run(() => !slow.IsCompleted));

        Assert.Equal((504, 51), (Status(slow), _models.Count));
    }

    /// <summary>A clock that stands still until it is moved, and finds out who asks it all the time instead of waiting.</summary>
    private sealed class AskedTime : FakeTimeProvider
    {
        private const int TooOften = 100_000;
        private int _asked;

        public override long GetTimestamp() =>
            Interlocked.Increment(ref _asked) < TooOften ? base.GetTimestamp() : throw new InvalidOperationException("Somebody asks for the time instead of waiting.");

        public new void Advance(TimeSpan length)
        {
            Volatile.Write(ref _asked, 0);
            base.Advance(length);
        }
    }

    private InProcessEdge Chain(string[] keys, string models, Jitter? jitter = null) =>
        new(keys, _upstream, _time, new() { ["GEMINI_FALLBACK_MODELS"] = models }, jitter: jitter);

    /// <summary>Lets every key of the edge rest for a model; whoever found that out doesn't wait.</summary>
    private void Rest(InProcessEdge edge, string model, Verdict verdict)
    {
        _answer = _ => verdict;
        using var caller = new CancellationTokenSource();
        var leaving = edge.SendUntilAsync($"/v1beta/models/{model}:generateContent", EdgeHost.Contents("Hello"), "POST", userAgent: null, caller.Token);
        caller.Cancel();
        Assert.True(_context.Run(() => !leaving.IsCompleted));
    }

    private void Pass(TimeSpan length, Func<bool> isEnough)
    {
        for (var end = _time.GetElapsedTime(0) + length; _time.GetElapsedTime(0) < end && !isEnough();)
        {
            _time.Advance(TimeSpan.FromMilliseconds(20));
            _context.Settle();
        }
    }

    private static int Status(Task<EdgeAnswer> request) => Answer(request).Status;

    private static EdgeAnswer Answer(Task<EdgeAnswer> request)
    {
        Assert.True(request.IsCompleted);
        return request.GetAwaiter().GetResult();
    }
}
