using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Keys;

public class KeyHealthTests
{
    private readonly KeyUnderTest _bench = new();

    private KeyHealth Health => _bench.Health;

    [Fact]
    public void New_Always_IsUnknownAndGetsTraffic()
    {
        Assert.Equal(KeyState.Unknown, Health.State);
        Assert.True(Health.IsUp);
        Assert.True(Health.IsCandidate("a"));
        Assert.False(_bench.Begin().ThroughGate);
    }

    [Fact]
    public void Ok_FirstTime_MakesItHealthyAndSaysSoOnce()
    {
        var change = _bench.Attempt(Verdict.Ok);

        Assert.Equal((KeyState.Unknown, KeyState.Healthy), (change!.Value.From, change.Value.To));
        Assert.Null(_bench.Attempt(Verdict.Ok));
    }

    [Theory]
    [InlineData(nameof(Verdict.KeyInvalid))]
    [InlineData(nameof(Verdict.KeyBlocked))]
    [InlineData(nameof(Verdict.ProjectDenied))]
    public void Rejected_TrialsKeepFailing_RestsOneFiveAndFifteenMinutes(string name)
    {
        var verdict = Enum.Parse<Verdict>(name);
        var change = _bench.Attempt(verdict);

        Assert.Equal((KeyState.Rejected, TimeSpan.FromMinutes(1)), (change!.Value.To, change.Value.Cooldown));
        foreach (var minutes in new[] { 1, 5, 15, 15, 15 })
        {
            Assert.False(Health.IsAvailable("another-model"));
            _bench.AssertRests(TimeSpan.FromMinutes(minutes));
            Assert.False(Health.IsAvailable("a"));
            _bench.Attempt(verdict);
        }
    }

    [Fact]
    public void Billing_KeepsFailing_RestsTenMinutesToAnHour()
    {
        Assert.Equal(KeyState.CoolingDown, _bench.Attempt(Verdict.BillingExhausted)!.Value.To);
        foreach (var minutes in new[] { 10, 20, 40, 60, 60 })
        {
            Assert.False(Health.IsAvailable("another-model"));
            _bench.AssertRests(TimeSpan.FromMinutes(minutes));
            Assert.True(Health.IsAvailable("a"));
            _bench.Attempt(Verdict.BillingExhausted);
        }
    }

    [Fact]
    public void QuotaUnknown_KeepsFailing_RestsTheModelFiveSecondsToFiveMinutes()
    {
        _bench.Attempt(Verdict.QuotaUnknown);
        foreach (var seconds in new[] { 5, 10, 20, 40, 80, 160, 300, 300 })
        {
            Assert.True(Health.IsAvailable("b"));
            _bench.AssertRests(TimeSpan.FromSeconds(seconds));
            _bench.Attempt(Verdict.QuotaUnknown);
        }
    }

    [Theory]
    [InlineData(nameof(Verdict.QuotaNone), 24 * 60)]
    [InlineData(nameof(Verdict.ModelUnavailable), 60)]
    public void ModelRefused_KeepsFailing_RestsTheModelEquallyLong(string name, int minutes)
    {
        var verdict = Enum.Parse<Verdict>(name);
        for (var i = 0; i < 3; i++)
        {
            _bench.Attempt(verdict);
            Assert.True(Health.IsAvailable("b"));
            Assert.True(Health.IsUp);
            _bench.AssertRests(TimeSpan.FromMinutes(minutes));
        }
    }

    [Fact]
    public void QuotaOfADay_KeepsFailing_IsTriedEachHalfHourByOneUntilMidnightPacific()
    {
        for (var tries = 1; tries <= 24; tries++)
        {
            _bench.Attempt(Verdict.QuotaDay);
            Assert.True(Health.IsAvailable("b"));
            _bench.AssertRests(TimeSpan.FromMinutes(30));

            // Tried by one until midnight, by everyone from then on.
            Assert.Equal(tries == 24, Health.IsAvailable("a"));
        }

        Assert.False(_bench.Begin().ThroughGate);
        Assert.False(_bench.Begin().ThroughGate);
    }

    [Fact]
    public void Leaked_AMonthLater_IsNeitherTriedNorProbedNorHealed()
    {
        var early = _bench.Begin();
        Assert.Null(_bench.Attempt(Verdict.KeyLeaked)!.Value.Cooldown);
        _bench.Time.Advance(TimeSpan.FromDays(30));

        Assert.Null(Health.TryBegin("a"));
        Assert.Null(Health.TryBeginLastResort("a"));
        Assert.Null(Health.TryBeginAnyway("a"));
        Assert.Null(Health.Rest("a"));
        _bench.End(early, Verdict.Ok);
        _bench.End(early, Verdict.KeyInvalid);
        Assert.Equal((KeyState.Rejected, Verdict.KeyLeaked), (Health.State, Health.Cause("a")!.Value));
    }

    [Theory]
    [InlineData(nameof(Verdict.KeyInvalid))]
    [InlineData(nameof(Verdict.BillingExhausted))]
    [InlineData(nameof(Verdict.QuotaUnknown))]
    public void Ok_AfterGrowth_BeginsAgainWithTheFirstLength(string name)
    {
        var verdict = Enum.Parse<Verdict>(name);
        _bench.Attempt(verdict);
        var first = Health.Rest("a")!.Value;
        _bench.AssertRests(first);
        _bench.Attempt(verdict);
        Assert.True(Health.Rest("a") > first);
        _bench.AssertRests(Health.Rest("a")!.Value);

        Assert.Equal(KeyState.Healthy, _bench.Attempt(Verdict.Ok)?.To ?? Health.StateFor("a"));
        Assert.True(Health.IsAvailable("a"));
        _bench.Attempt(verdict);
        Assert.Equal(first, Health.Rest("a"));
    }

    [Theory]
    [InlineData(nameof(Verdict.RequestTooLargeForQuota))]
    [InlineData(nameof(Verdict.Overloaded))]
    [InlineData(nameof(Verdict.UpstreamError))]
    [InlineData(nameof(Verdict.UpstreamTimeout))]
    [InlineData(nameof(Verdict.Network))]
    [InlineData(nameof(Verdict.LocationUnsupported))]
    [InlineData(nameof(Verdict.ResourceDenied))]
    [InlineData(nameof(Verdict.ForbiddenUnknown))]
    [InlineData(nameof(Verdict.CallerError))]
    [InlineData(nameof(Verdict.ClientGone))]
    public void Unchanged_AnyOfTheseVerdicts_LeavesTheKeyAsItIs(string name)
    {
        for (var i = 0; i < 20; i++)
        {
            Assert.Null(_bench.Attempt(Enum.Parse<Verdict>(name)));
        }

        Assert.Equal(KeyState.Unknown, Health.StateFor("a"));
        Assert.True(Health.IsAvailable("a"));
    }

    [Fact]
    public void AnotherFailure_WhileResting_BeginsItsOwnRest()
    {
        _bench.Attempt(Verdict.KeyInvalid);
        _bench.AssertRests(TimeSpan.FromMinutes(1));

        _bench.Attempt(Verdict.BillingExhausted);

        Assert.Equal((KeyState.CoolingDown, TimeSpan.FromMinutes(10)), (Health.State, Health.Rest("a")!.Value));
    }

    [Theory]
    [InlineData(-1000)]
    [InlineData(1000)]
    public void Resting_WallClockJumps_NeitherEndsNorLasts(int days)
    {
        _bench.Attempt(Verdict.KeyInvalid);
        _bench.Time.Jump = TimeSpan.FromDays(days);

        _bench.AssertRests(TimeSpan.FromMinutes(1));

        _bench.Attempt(Verdict.Ok);
        _bench.Attempt(Verdict.QuotaDay);
        _bench.Time.Jump = TimeSpan.Zero;
        _bench.AssertRests(TimeSpan.FromMinutes(30));
    }

    [Fact]
    public void Models_TenThousandCooling_TheKeyRemembersOneHundred()
    {
        for (var i = 0; i < 10_000; i++)
        {
            _bench.Attempt(Verdict.ModelUnavailable, $"model-{i}");
        }

        Assert.Equal(100, Enumerable.Range(0, 10_000).Count(i => !Health.IsAvailable($"model-{i}")));
    }
}
