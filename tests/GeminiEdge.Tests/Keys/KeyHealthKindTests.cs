using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Keys;

/// <summary>What one kind of call finds out, for the others and for who looks at the key.</summary>
public class KeyHealthKindTests
{
    private static readonly CallScope Embedding = new(CallKind.Embed, "e");
    private readonly KeyUnderTest _bench = new();

    private KeyHealth Health => _bench.Health;

    [Fact]
    public void New_Always_HasNoTrouble()
    {
        Assert.True(Health.IsUntroubled);
        Assert.Null(Health.Trouble);
        Assert.Empty(Health.Troubles);
    }

    [Fact]
    public void Rejected_ForAKindItNeverServed_IsUpAndNotRejected()
    {
        Embed(Verdict.KeyBlocked);

        Assert.Equal((true, KeyState.Unknown, false), (Health.IsUp, Health.State, Health.IsUntroubled));
        Assert.Null(Health.Trouble);
        var trouble = Assert.Single(Health.Troubles);
        Assert.Equal((RefusalScope.Kind, null, Verdict.KeyBlocked, TimeSpan.FromMinutes(1)), (trouble.Scope, trouble.Model, trouble.Cause, trouble.Rest));
        Assert.Equal([CallKind.Embed], trouble.Kinds);
    }

    [Fact]
    public void Rejected_ForAllThatItServed_IsDown()
    {
        Embed(Verdict.Ok);
        Embed(Verdict.KeyBlocked);

        Assert.Equal((false, KeyState.Rejected), (Health.IsUp, Health.State));
        Assert.Equal([CallKind.Embed], Health.Trouble!.Kinds);
    }

    [Fact]
    public void Rejected_ForPartOfWhatItServed_IsRejectedAndUp()
    {
        Embed(Verdict.Ok);
        _bench.Attempt(Verdict.Ok);
        Embed(Verdict.KeyBlocked);

        Assert.Equal((true, KeyState.Rejected), (Health.IsUp, Health.State));
    }

    [Fact]
    public void Rejected_ForAChatBeforeItServedAny_IsDown()
    {
        _bench.Attempt(Verdict.KeyBlocked);

        Assert.Equal((false, KeyState.Rejected), (Health.IsUp, Health.State));
    }

    [Fact]
    public void Troubles_OfEachWidth_AreShownAndCountFromTheWidest()
    {
        var (model, kind, key) = (_bench.Begin(), _bench.Begin(), _bench.Begin());
        _bench.End(model, Verdict.QuotaUnknown);
        Assert.Equal((Verdict.QuotaUnknown, null, KeyState.CoolingDown), (Health.Cause("a"), Health.Trouble, Health.StateFor("a")));
        _bench.End(kind, Verdict.KeyBlocked);
        Assert.Equal((Verdict.KeyBlocked, KeyState.Rejected), (Health.Cause("a"), Health.StateFor("a")));
        _bench.End(key, Verdict.BillingExhausted);

        Assert.Equal((Verdict.BillingExhausted, KeyState.CoolingDown), (Health.Cause("a"), Health.StateFor("a")));
        Assert.Equal([RefusalScope.Key, RefusalScope.Kind, RefusalScope.Model], Health.Troubles.Select(trouble => trouble.Scope));
        Assert.Equal((RefusalScope.Key, TimeSpan.FromMinutes(10)), (Health.Trouble!.Scope, Health.Trouble.Rest));
        Assert.Empty(Health.Troubles[0].Kinds);
    }

    [Fact]
    public void Trouble_Leaked_HasNoEnd()
    {
        _bench.Attempt(Verdict.KeyLeaked);

        Assert.Equal((Verdict.KeyLeaked, null), (Health.Trouble!.Cause, Health.Trouble.Rest));
    }

    [Theory]
    [InlineData(nameof(Verdict.BillingExhausted), 600)]
    [InlineData(nameof(Verdict.QuotaUnknown), 5)]
    public void IsUntroubled_ARestEnds_IsTrueAgain(string name, int seconds)
    {
        _bench.Attempt(Enum.Parse<Verdict>(name));
        Assert.False(Health.IsUntroubled);

        _bench.Time.Advance(TimeSpan.FromSeconds(seconds));

        Assert.True(Health.IsUntroubled);
        Assert.Empty(Health.Troubles);
    }

    [Theory]
    [InlineData(nameof(Verdict.BillingExhausted), nameof(RefusalScope.Key))]
    [InlineData(nameof(Verdict.KeyBlocked), nameof(RefusalScope.Kind))]
    [InlineData(nameof(Verdict.QuotaUnknown), nameof(RefusalScope.Model))]
    public void Ok_OfATry_TellsHowMuchOfTheKeyIsBack(string name, string scope)
    {
        _bench.Attempt(Enum.Parse<Verdict>(name));

        var change = _bench.LastResort(Verdict.Ok)!.Value;

        Assert.Equal((KeyState.Healthy, Enum.Parse<RefusalScope>(scope)), (change.To, change.Scope));
        Assert.True(Health.IsUntroubled);
    }

    [Fact]
    public void Ok_OfAProvedKey_StillEndsTheGrowthOfItsRests()
    {
        _bench.Attempt(Verdict.Ok);
        _bench.Attempt(Verdict.QuotaUnknown);
        _bench.AssertRests(TimeSpan.FromSeconds(5));
        _bench.Attempt(Verdict.Ok);

        _bench.Attempt(Verdict.QuotaUnknown);

        Assert.Equal(TimeSpan.FromSeconds(5), Health.Rest("a"));
    }

    // What the key as a whole was proved for, an embedding that began before knows nothing against.
    [Theory]
    [InlineData(nameof(Verdict.BillingExhausted), false)]
    [InlineData(nameof(Verdict.KeyBlocked), true)]
    public void Failure_OfAnotherKindBegunBeforeTheProof_CountsUnlessTheWholeKeyWasProved(string name, bool counts)
    {
        var late = Health.TryBegin(Embedding)!.Value;
        _bench.Attempt(Enum.Parse<Verdict>(name));
        _bench.LastResort(Verdict.Ok);

        _bench.End(late, Verdict.KeyBlocked);

        Assert.Equal(!counts, Health.IsAvailable(Embedding));
    }

    [Fact]
    public void Ok_OfATryThatOtherNewsOvertook_ProvesNothingAndLetsTheNextIn()
    {
        _bench.Attempt(Verdict.KeyBlocked);
        var holder = Health.TryBeginLastResort("a")!.Value;
        Embed(Verdict.BillingExhausted);

        _bench.End(holder, Verdict.Ok);

        Assert.Equal(Verdict.BillingExhausted, Health.Cause("a"));
        Assert.NotNull(Health.TryBeginLastResort("a"));
    }

    [Fact]
    public void Leak_BegunBeforeAnotherFailure_CountsAllTheSame()
    {
        var late = _bench.Begin();
        _bench.Attempt(Verdict.BillingExhausted);

        _bench.End(late, Verdict.KeyLeaked);

        Assert.True(Health.IsLeaked);
    }

    [Fact]
    public void ModelUnavailable_NoModelIsNamed_RestsNothing()
    {
        _bench.Attempt(Verdict.ModelUnavailable, "");

        Assert.True(Health.IsUntroubled);
    }

    [Fact]
    public void Quota_OfSeveralKinds_RestsThemForTheModelAndWithoutOneTheKindAlone()
    {
        Chat("m");
        Chat("");

        Assert.Equal((false, false), (Health.IsAvailable("m"), Health.IsAvailable(new CallScope(CallKind.OpenAi, "m"))));
        Assert.Equal((false, true), (Health.IsAvailable(""), Health.IsAvailable(new CallScope(CallKind.OpenAi, ""))));

        void Chat(string model) => Health.Report(_bench.Begin(model), Verdict.QuotaMinute, new UpstreamFailure(
            429, new UpstreamError { Quotas = [new QuotaViolation("GenerateRequestsPerMinutePerProjectPerModel", 10)] }));
    }

    private void Embed(Verdict verdict) => _bench.End(Health.TryBeginAnyway(Embedding)!.Value, verdict);
}
