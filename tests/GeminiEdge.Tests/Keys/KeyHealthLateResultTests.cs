using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Keys;

/// <summary>Attempts overlap: what began before the latest news of a key is no news.</summary>
public class KeyHealthLateResultTests
{
    private readonly KeyUnderTest _bench = new();

    private KeyHealth Health => _bench.Health;

    [Theory]
    [InlineData(nameof(Verdict.KeyInvalid), 60)]
    [InlineData(nameof(Verdict.BillingExhausted), 600)]
    [InlineData(nameof(Verdict.QuotaUnknown), 5)]
    public void Failure_OfAHerd_CountsOnce(string name, int seconds)
    {
        var verdict = Enum.Parse<Verdict>(name);
        var herd = Enumerable.Range(0, 100).Select(_ => _bench.Begin()).ToList();

        var changes = herd.Count(pass => _bench.End(pass, verdict) is not null);

        Assert.Equal(1, changes);
        Assert.Equal(TimeSpan.FromSeconds(seconds), Health.Rest("a"));
    }

    [Fact]
    public void Failure_LateOfAHerd_ExtendsNothing()
    {
        var (first, late, later) = (_bench.Begin(), _bench.Begin(), _bench.Begin());
        _bench.End(first, Verdict.QuotaUnknown);
        _bench.Time.Advance(TimeSpan.FromSeconds(4));
        _bench.End(late, Verdict.QuotaUnknown);
        Assert.Equal(TimeSpan.FromSeconds(1), Health.Rest("a"));
        _bench.Time.Advance(TimeSpan.FromSeconds(10));

        _bench.End(later, Verdict.QuotaUnknown);

        Assert.True(Health.IsAvailable("a"));
    }

    [Theory]
    [InlineData(nameof(Verdict.KeyInvalid))]
    [InlineData(nameof(Verdict.QuotaNone))]
    public void Success_BegunBeforeTheFailure_HealsNothing(string name)
    {
        var (failing, late) = (_bench.Begin(), _bench.Begin());
        _bench.End(failing, Enum.Parse<Verdict>(name));

        Assert.Null(_bench.End(late, Verdict.Ok));

        Assert.False(Health.IsAvailable("a"));
    }

    [Fact]
    public void Failure_BegunBeforeTheKeyWasProvedAgain_RejectsNothing()
    {
        var (failing, late) = (_bench.Begin(), _bench.Begin());
        _bench.End(failing, Verdict.KeyInvalid);
        _bench.AssertRests(TimeSpan.FromMinutes(1));
        _bench.Attempt(Verdict.Ok);

        Assert.Null(_bench.End(late, Verdict.KeyInvalid));

        Assert.True(Health.IsAvailable("a"));
    }

    [Fact]
    public void Failure_OfAReplacedHolderAfterItsSuccessorsSuccess_RejectsNothing()
    {
        _bench.Attempt(Verdict.KeyInvalid);
        _bench.AssertRests(TimeSpan.FromMinutes(1));
        var late = _bench.Begin();
        _bench.Time.Advance(TimeSpan.FromSeconds(10));
        _bench.Attempt(Verdict.Ok);

        Assert.Null(_bench.End(late, Verdict.KeyInvalid));

        Assert.True(Health.IsAvailable("a"));
        _bench.Attempt(Verdict.KeyInvalid);
        Assert.NotNull(Health.TryBeginLastResort("a"));
    }

    [Fact]
    public void Leak_BegunBeforeTheKeyWasProvedAgain_RejectsForEver()
    {
        var (failing, late) = (_bench.Begin(), _bench.Begin());
        _bench.End(failing, Verdict.KeyInvalid);
        _bench.LastResort(Verdict.Ok);

        _bench.End(late, Verdict.KeyLeaked);

        Assert.Null(Health.TryBeginLastResort("a"));
    }

    [Fact]
    public void Failure_AnotherModelFailedMeanwhile_StillCounts()
    {
        _bench.Attempt(Verdict.QuotaUnknown, "b");
        _bench.AssertRests(TimeSpan.FromSeconds(5), "b");
        var (a, b) = (_bench.Begin(), _bench.Begin("b"));
        _bench.End(a, Verdict.QuotaUnknown);

        _bench.End(b, Verdict.QuotaUnknown);

        Assert.Equal(TimeSpan.FromSeconds(10), Health.Rest("b"));
    }

    [Fact]
    public void Success_AnotherModelFailedMeanwhile_StillEndsTheGrowth()
    {
        _bench.Attempt(Verdict.QuotaUnknown, "b");
        _bench.AssertRests(TimeSpan.FromSeconds(5), "b");
        var (a, b) = (_bench.Begin(), _bench.Begin("b"));
        _bench.End(a, Verdict.QuotaUnknown);

        _bench.End(b, Verdict.Ok);

        _bench.Attempt(Verdict.QuotaUnknown, "b");
        Assert.Equal(TimeSpan.FromSeconds(5), Health.Rest("b"));
        Assert.False(Health.IsAvailable("a"));
    }

    [Fact]
    public void Success_OfOneModel_LeavesTheOtherCooling()
    {
        _bench.Attempt(Verdict.QuotaNone);

        _bench.Attempt(Verdict.Ok, "b");

        Assert.False(Health.IsAvailable("a"));
    }

    [Fact]
    public void Failure_OfAHerdAtTheEndOfARest_CountsOnce()
    {
        _bench.Attempt(Verdict.BillingExhausted);
        _bench.AssertRests(TimeSpan.FromMinutes(10));
        var herd = Enumerable.Range(0, 100).Select(_ => _bench.Begin()).ToList();

        herd.ForEach(pass => _bench.End(pass, Verdict.BillingExhausted));

        Assert.Equal(TimeSpan.FromMinutes(20), Health.Rest("a"));
    }
}
