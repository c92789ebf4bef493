using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Keys;

public class KeyHealthGateTests
{
    private readonly KeyUnderTest _bench = new();

    private KeyHealth Health => _bench.Health;

    [Fact]
    public void TryBegin_TrialIsDue_LetsExactlyOneIn()
    {
        _bench.Attempt(Verdict.KeyInvalid);
        _bench.AssertRests(TimeSpan.FromMinutes(1));

        Assert.True(_bench.Begin().ThroughGate);
        Assert.False(Health.IsCandidate("a"));
        Assert.Null(Health.TryBegin("a"));
        Assert.Null(Health.TryBegin("b"));
        Assert.Null(Health.TryBeginLastResort("a"));
    }

    [Fact]
    public void TryBegin_TrialWorks_LetsEveryoneIn()
    {
        _bench.Attempt(Verdict.KeyInvalid);
        _bench.AssertRests(TimeSpan.FromMinutes(1));

        var change = _bench.Attempt(Verdict.Ok);

        Assert.Equal((KeyState.Rejected, KeyState.Healthy), (change!.Value.From, change.Value.To));
        Assert.False(_bench.Begin().ThroughGate);
        Assert.False(_bench.Begin().ThroughGate);
    }

    [Fact]
    public void TryBegin_HolderIsSilent_LetsTheNextInAfterTenSeconds()
    {
        _bench.Attempt(Verdict.KeyInvalid);
        _bench.AssertRests(TimeSpan.FromMinutes(1));
        _bench.Begin();

        _bench.Time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Null(Health.TryBegin("a"));
        _bench.Time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.True(_bench.Begin().ThroughGate);
    }

    [Fact]
    public void LastResort_JustRejected_IsLetInBecauseThatFailureClosesNoGate()
    {
        _bench.Attempt(Verdict.KeyInvalid);

        Assert.True(Health.TryBeginLastResort("a")!.Value.ThroughGate);
    }

    [Fact]
    public void LastResort_KeepsFailing_IsLetInAfterOneSecondDoublingToThirtyAndRestsNoLonger()
    {
        _bench.Attempt(Verdict.BillingExhausted);
        var rest = TimeSpan.FromMinutes(10);
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 30, 30 })
        {
            _bench.LastResort(Verdict.BillingExhausted);
            Assert.Equal(rest, Health.Rest("a"));
            _bench.Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
            Assert.Null(Health.TryBeginLastResort("a"));
            _bench.Time.Advance(TimeSpan.FromTicks(1));
            rest -= TimeSpan.FromSeconds(seconds);
        }
    }

    [Theory]
    [InlineData(nameof(Verdict.Network))]
    [InlineData(nameof(Verdict.Overloaded))]
    [InlineData(nameof(Verdict.UpstreamTimeout))]
    [InlineData(nameof(Verdict.ForbiddenUnknown))]
    [InlineData(nameof(Verdict.KeyInvalid))]
    public void LastResort_FailsInAnyWay_ClosesTheGate(string name)
    {
        _bench.Attempt(Verdict.KeyInvalid);

        _bench.LastResort(Enum.Parse<Verdict>(name));

        Assert.Null(Health.TryBeginLastResort("a"));
        Assert.Equal(Verdict.KeyInvalid, Health.Cause("a"));
        _bench.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(Health.TryBeginLastResort("a"));
    }

    [Theory]
    [InlineData(nameof(Verdict.CallerError))]
    [InlineData(nameof(Verdict.ClientGone))]
    [InlineData(nameof(Verdict.ResourceDenied))]
    [InlineData(nameof(Verdict.RequestTooLargeForQuota))]
    public void LastResort_EndsWithNothingAboutTheKey_NeitherClosesNorHeals(string name)
    {
        _bench.Attempt(Verdict.KeyInvalid);

        Assert.Null(_bench.LastResort(Enum.Parse<Verdict>(name)));

        Assert.Equal(KeyState.Rejected, Health.StateFor("a"));
        Assert.NotNull(Health.TryBeginLastResort("a"));
    }

    [Fact]
    public void LastResort_Works_MakesTheKeyAvailableAndTheGateNew()
    {
        _bench.Attempt(Verdict.BillingExhausted);
        _bench.LastResort(Verdict.Network);
        _bench.Time.Advance(TimeSpan.FromSeconds(1));
        _bench.LastResort(Verdict.Network);
        _bench.Time.Advance(TimeSpan.FromSeconds(2));

        _bench.LastResort(Verdict.Ok);

        Assert.True(Health.IsUp);
        _bench.Attempt(Verdict.BillingExhausted);
        _bench.LastResort(Verdict.Network);
        _bench.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(Health.TryBeginLastResort("a"));
    }

    [Fact]
    public void LastResort_AnotherModelWorks_StaysClosedForItsTime()
    {
        _bench.Attempt(Verdict.QuotaNone);
        _bench.LastResort(Verdict.QuotaNone);

        _bench.Attempt(Verdict.Ok, "b");

        Assert.Null(Health.TryBeginLastResort("a"));
        _bench.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(Health.TryBeginLastResort("a"));
        _bench.Attempt(Verdict.Ok, "b");
        Assert.Null(Health.TryBeginLastResort("a"));
    }

    [Fact]
    public void LastResort_ModelOutOfQuota_ShowsThatARejectedKeyIsKnownAgain()
    {
        _bench.Attempt(Verdict.KeyInvalid);

        _bench.LastResort(Verdict.QuotaMinute);

        Assert.False(Health.IsAvailable("a"));
        Assert.True(Health.IsAvailable("b"));
    }

    [Fact]
    public void LastResort_ModelStillOutOfQuota_ShowsThatARejectedKeyIsKnownAgain()
    {
        _bench.Attempt(Verdict.QuotaNone);
        _bench.Attempt(Verdict.KeyInvalid, "b");

        _bench.LastResort(Verdict.QuotaNone);

        Assert.False(Health.IsAvailable("a"));
        Assert.True(Health.IsAvailable("b"));
    }

    [Fact]
    public void Trial_AnotherFailure_StaysRejectedAndIsTriedWhenTheGateOpens()
    {
        _bench.Attempt(Verdict.KeyInvalid);
        _bench.AssertRests(TimeSpan.FromMinutes(1));

        _bench.Attempt(Verdict.Overloaded);

        Assert.False(Health.IsCandidate("a"));
        _bench.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(Health.IsCandidate("a"));
        _bench.Attempt(Verdict.KeyInvalid);
        Assert.Equal(TimeSpan.FromMinutes(5), Health.Rest("a"));
    }

    [Fact]
    public void TryBegin_FiftyThreadsAtTheTrial_OneGetsIn()
    {
        _bench.Attempt(Verdict.KeyInvalid);
        _bench.AssertRests(TimeSpan.FromMinutes(1));
        var entered = 0;

        Parallel.For(0, 50, _ => Interlocked.Add(ref entered, Health.TryBegin("a") is null ? 0 : 1));

        Assert.Equal(1, entered);
    }
}
