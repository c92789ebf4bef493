using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using static GeminiEdge.Tests.Keys.ChatCalls;

namespace GeminiEdge.Tests.Keys;

/// <summary>What a caller who can wait is told of a key that rests.</summary>
public class KeyHealthWaitTests
{
    private static readonly TimeSpan TenMinutes = TimeSpan.FromMinutes(10);
    private readonly KeyUnderTest _bench = new();

    private KeyHealth Health => _bench.Health;

    [Fact]
    public void Untroubled_Always_LetsEveryoneInAtOnce()
    {
        Assert.False(Health.TryBeginAfterWait(Chat("a"))!.Value.ThroughGate);
        Assert.False(Health.TryBeginAfterWait(Chat("a"))!.Value.ThroughGate);
        Assert.True(Health.IsOpenAfterWait(Chat("a"), asLastResort: false));
        Assert.Equal((null, TimeSpan.Zero), (Health.NextTurn(Chat("a")), Health.Return(Chat("a"))));
        Assert.Equal(TimeSpan.Zero, Health.Watch(Chat("a")).HeldFor);
    }

    // Of the key, of the kind of call, of the model.
    [Theory]
    [InlineData(nameof(Verdict.BillingExhausted), 600)]
    [InlineData(nameof(Verdict.KeyBlocked), 60)]
    [InlineData(nameof(Verdict.QuotaUnknown), 5)]
    public void Resting_UntilItsRestIsOver_LetsNobodyInAndThenOne(string name, int seconds)
    {
        _bench.Attempt(Enum.Parse<Verdict>(name));
        Assert.Equal(TimeSpan.FromSeconds(seconds), Health.NextTurn(Chat("a")));
        _bench.Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
        Assert.Null(Health.TryBeginAfterWait(Chat("a")));
        Assert.Equal((false, true), (Health.IsOpenAfterWait(Chat("a"), asLastResort: false), Health.IsOpenAfterWait(Chat("a"), asLastResort: true)));

        _bench.Time.Advance(TimeSpan.FromTicks(1));

        Assert.True(Health.IsOpenAfterWait(Chat("a"), asLastResort: false));
        Assert.True(Health.TryBeginAfterWait(Chat("a"))!.Value.ThroughGate);
        Assert.Null(Health.TryBeginAfterWait(Chat("a")));
        Assert.Equal((false, false), (Health.IsOpenAfterWait(Chat("a"), asLastResort: false), Health.IsOpenAfterWait(Chat("a"), asLastResort: true)));
    }

    [Fact]
    public void Resting_TriesFail_NextTurnIsTheGatesOrTheRestsWhicheverIsSooner()
    {
        // Five seconds of rest; the gate closes for 1, 2 and 4.
        _bench.Attempt(Verdict.QuotaUnknown);
        _bench.LastResort(Verdict.Network);
        Assert.Equal((1, 5), Seconds());
        _bench.Time.Advance(TimeSpan.FromSeconds(1));
        _bench.LastResort(Verdict.Network);
        Assert.Equal((2, 4), Seconds());
        _bench.Time.Advance(TimeSpan.FromSeconds(2));
        _bench.LastResort(Verdict.Network);
        Assert.Equal((2, 4), Seconds());
        Assert.Equal(TimeSpan.Zero, Health.Return(Chat("b")));

        _bench.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((2, 2), Seconds());
        _bench.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((null, 0), Seconds());
    }

    [Fact]
    public void Return_SeveralRestsAtOnce_IsTheLongest()
    {
        var (first, second) = (_bench.Begin(), _bench.Begin());
        _bench.End(first, Verdict.QuotaUnknown);
        _bench.End(second, Verdict.BillingExhausted);

        Assert.Equal((TenMinutes, TenMinutes), (Health.Return(Chat("a"))!.Value, Health.NextTurn(Chat("a"))!.Value));
    }

    [Theory]
    [InlineData(nameof(Verdict.KeyBlocked))]
    [InlineData(nameof(Verdict.KeyLeaked))]
    public void Return_ByProofAloneOrNever_IsNotFromItself(string name)
    {
        _bench.Attempt(Enum.Parse<Verdict>(name));

        Assert.Null(Health.Return(Chat("a")));
    }

    [Fact]
    public void Leaked_AsLastResort_IsNotOpenAndHasNoTurn()
    {
        _bench.Attempt(Verdict.BillingExhausted);
        var (holder, late) = (Health.TryBeginLastResort("a")!.Value, Health.TryBeginAnyway("a")!.Value);
        Assert.Equal(Gate.LongestHold, Health.Watch(Chat("a")).HeldFor);
        _bench.End(late, Verdict.KeyLeaked);

        Assert.Equal(TimeSpan.Zero, Health.Watch(Chat("a")).HeldFor);
        Health.Leave(holder);
        Assert.False(Health.IsOpenAfterWait(Chat("a"), asLastResort: true));
        Assert.Null(Health.NextTurn(Chat("a")));
    }

    [Fact]
    public void Leave_OfTheOneWhoTries_LetsTheNextInAndOfAnotherDoesNot()
    {
        _bench.Attempt(Verdict.BillingExhausted);
        var (holder, other) = (Health.TryBeginLastResort("a")!.Value, Health.TryBeginAnyway("a")!.Value);

        Health.Leave(other);
        Assert.Null(Health.TryBeginLastResort("a"));
        Health.Leave(holder);
        Assert.NotNull(Health.TryBeginLastResort("a"));
    }

    [Theory]
    [InlineData(nameof(Verdict.Ok))]
    [InlineData(nameof(Verdict.BillingExhausted))]
    public void Watch_AnotherKindOfCallFindsSomethingOut_IsNews(string name)
    {
        _bench.Attempt(Verdict.KeyBlocked);
        var news = Health.Watch(new CallScope(CallKind.Embed, "e")).News;
        Assert.False(news.IsCompleted);

        _bench.End(Health.TryBeginAnyway("a")!.Value, Enum.Parse<Verdict>(name));

        Assert.True(news.IsCompleted);
    }

    private (double? Next, double? Return) Seconds() => (Health.NextTurn(Chat("a"))?.TotalSeconds, Health.Return(Chat("a"))?.TotalSeconds);
}
