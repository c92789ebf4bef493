using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Keys;

public class CooldownTests
{
    // Noon in California, so twelve hours to midnight.
    private readonly JumpyTime _time = new(new DateTimeOffset(2026, 6, 15, 19, 0, 0, TimeSpan.Zero));

    public static TheoryData<string, int[]> Growing => new()
    {
        { nameof(Verdict.KeyInvalid), [60, 300, 900, 900, 900] },
        { nameof(Verdict.KeyBlocked), [60, 300, 900, 900] },
        { nameof(Verdict.ProjectDenied), [60, 300, 900, 900] },
        { nameof(Verdict.BillingExhausted), [600, 1200, 2400, 3600, 3600] },
        { nameof(Verdict.QuotaUnknown), [5, 10, 20, 40, 80, 160, 300, 300] },
        { nameof(Verdict.QuotaNone), [86_400, 86_400] },
        { nameof(Verdict.QuotaDay), [1800, 1800] },
        { nameof(Verdict.ModelUnavailable), [3600, 3600] },
    };

    [Theory]
    [MemberData(nameof(Growing))]
    public void Begin_StrikeAfterStrike_GrowsToItsLimit(string verdict, int[] seconds)
    {
        for (var strikes = 1; strikes <= seconds.Length; strikes++)
        {
            var cooldown = Begin(Enum.Parse<Verdict>(verdict), strikes: strikes);

            Assert.Equal(TimeSpan.FromSeconds(seconds[strikes - 1]), cooldown.Length);
            Assert.Equal(cooldown.Length, cooldown.Trial.Remaining(_time));
        }
    }

    [Theory]
    [InlineData(nameof(Verdict.KeyInvalid))]
    [InlineData(nameof(Verdict.BillingExhausted))]
    [InlineData(nameof(Verdict.QuotaUnknown))]
    public void Begin_AMillionStrikes_StaysAtItsLimit(string verdict) =>
        Assert.InRange(Begin(Enum.Parse<Verdict>(verdict), strikes: 1_000_000).Length, TimeSpan.FromMinutes(5), TimeSpan.FromHours(1));

    [Fact]
    public void Begin_Leaked_NeverEnds()
    {
        var cooldown = Begin(Verdict.KeyLeaked);

        Assert.True(cooldown.IsForever);
        Assert.True(cooldown.End.IsNever);
    }

    [Fact]
    public void Begin_Rejected_EndsByProofAlone()
    {
        var cooldown = Begin(Verdict.KeyInvalid);

        Assert.False(cooldown.IsForever);
        Assert.True(cooldown.End.IsNever);
    }

    [Theory]
    [InlineData(19, null, 20)]
    [InlineData(0, null, 1)]
    [InlineData(null, null, 60)]
    [InlineData(null, 30, 31)]
    [InlineData(5, 30, 6)]
    [InlineData(598, null, 599)]
    [InlineData(599, null, 600)]
    [InlineData(601, null, 600)]
    [InlineData(1_000_000_000, null, 600)]
    public void Begin_QuotaOfAMinute_TakesTheDelayAndASecondButTenMinutesAtMost(int? retryDelay, int? retryAfter, int expected)
    {
        var cooldown = Begin(Verdict.QuotaMinute, new UpstreamFailure(
            429,
            new UpstreamError { RetryDelay = retryDelay is { } d ? TimeSpan.FromSeconds(d) : null },
            RetryAfter: retryAfter is { } a ? TimeSpan.FromSeconds(a) : null));

        Assert.Equal(TimeSpan.FromSeconds(expected), cooldown.Length);
        Assert.Equal(cooldown.Length, cooldown.End.Remaining(_time));
    }

    [Fact]
    public void Begin_QuotaOfADay_EndsAtMidnightPacific()
    {
        var cooldown = Begin(Verdict.QuotaDay);

        Assert.Equal(TimeSpan.FromMinutes(30), cooldown.Trial.Remaining(_time));
        Assert.Equal(TimeSpan.FromHours(12), cooldown.End.Remaining(_time));
    }

    [Fact]
    public void Begin_QuotaOfADayJustBeforeMidnight_EndsAtMidnightNotAfterHalfAnHour()
    {
        _time.Advance(TimeSpan.FromHours(11.75));

        var cooldown = Begin(Verdict.QuotaDay);

        Assert.Equal(TimeSpan.FromMinutes(15), cooldown.Length);
        Assert.Equal(TimeSpan.FromMinutes(15), cooldown.End.Remaining(_time));
    }

    [Fact]
    public void Begin_QuotaUnknown_NeverShorterThanRetryAfterNorLongerThanFiveMinutes()
    {
        Assert.Equal(TimeSpan.FromSeconds(91), Begin(Verdict.QuotaUnknown, RetryAfter(90)).Length);
        Assert.Equal(TimeSpan.FromMinutes(5), Begin(Verdict.QuotaUnknown, RetryAfter(9000)).Length);

        static UpstreamFailure RetryAfter(int seconds) => new(429, UpstreamError.Unreadable, RetryAfter: TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public void Of_VerdictsThatLeaveTheKeyAlone_HaveNoLength()
    {
        foreach (var verdict in Enum.GetValues<Verdict>().Where(v => Consequence.Of(v).Effect is KeyEffect.Unchanged or KeyEffect.Heal))
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Begin(verdict));
        }
    }

    private Cooldown Begin(Verdict verdict, UpstreamFailure? failure = null, int strikes = 1) =>
        Cooldown.Begin(verdict, failure ?? new UpstreamFailure(0, UpstreamError.Unreadable), RefusalScope.Key, strikes, epoch: 1, _time);
}
