using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;
using GeminiEdge.Rotation;
using static GeminiEdge.Tests.Fleet.FleetRows;

namespace GeminiEdge.Tests.Rotation;

public class WatchVerdictTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 20, TimeSpan.Zero);
    private static readonly DateTimeOffset Now = At.AddMinutes(5);
    private static readonly long Minute = KeyTotals.MinuteOf(At) + 2;

    [Theory]

    // Attempts and key or quota verdicts of the promoted key; of the former one before, and since.
    [InlineData(WatchDecision.Keep, 0, 0, 1000, 0, 0, 0)]
    [InlineData(WatchDecision.Keep, 199, 199, 1000, 0, 0, 0)]
    [InlineData(WatchDecision.RollBack, 200, 10, 1000, 0, 0, 0)]
    [InlineData(WatchDecision.Keep, 200, 9, 1000, 0, 0, 0)]
    [InlineData(WatchDecision.RollBack, 200, 10, 0, 0, 0, 0)]
    [InlineData(WatchDecision.RollBack, 1000, 60, 1000, 20, 0, 0)]
    [InlineData(WatchDecision.Keep, 1000, 59, 1000, 20, 0, 0)]
    [InlineData(WatchDecision.RollBack, 1000, 1000, 1000, 0, 1000, 0)]
    [InlineData(WatchDecision.RollBack, 1000, 1000, 1000, 0, 1000, 100)]
    [InlineData(WatchDecision.Outage, 1000, 600, 1000, 0, 1000, 600)]
    [InlineData(WatchDecision.Keep, 1000, 600, 1000, 600, 1000, 600)]

    // One stray attempt; the requests that no key may serve, which fail over; as few, but nothing else.
    [InlineData(WatchDecision.RollBack, 1000, 400, 1000, 0, 1, 1)]
    [InlineData(WatchDecision.RollBack, 1000, 360, 1000, 60, 360, 60)]
    [InlineData(WatchDecision.RollBack, 1000, 1000, 1000, 0, 199, 199)]
    [InlineData(WatchDecision.Outage, 1000, 1000, 1000, 0, 200, 200)]
    [InlineData(WatchDecision.Outage, 1000, 300, 1000, 0, 1000, 101)]
    [InlineData(WatchDecision.RollBack, 1000, 300, 1000, 0, 500, 100)]
    internal void Verdict_ByKeyAndQuota_ComparesWithTheFormerKey(WatchDecision expected, long attempts, long bad, long before, long badBefore, long since, long badSince)
    {
        var verdict = WatchVerdict.Of(Promotion(new(before, badBefore, 0, 0)), Fleet(
            Key("PRIMARY", "newk", new AttemptMinute(Minute, attempts - bad, bad / 2, bad - (bad / 2), 0, 0, 0)),
            Key("OLD", "oldk", new AttemptMinute(Minute, since - badSince, badSince, 0, 0, 0, 0))));

        Assert.Equal(expected, verdict.Decision);
    }

    [Theory]

    // Attempts and failed requests of the promoted key; failed requests of the former one before, in 1,000; of another key now, in 1,000.
    [InlineData(WatchDecision.RollBack, 200, 10, 0, 0)]
    [InlineData(WatchDecision.Keep, 199, 199, 0, 0)]
    [InlineData(WatchDecision.Keep, 1000, 49, 0, 0)]
    [InlineData(WatchDecision.RollBack, 1000, 60, 20, 0)]
    [InlineData(WatchDecision.Keep, 1000, 59, 20, 0)]
    [InlineData(WatchDecision.RollBack, 1000, 100, 0, 49)]
    [InlineData(WatchDecision.Outage, 1000, 100, 0, 50)]

    // In other attempts than 1,000: none or too few to compare with, a stray failure of few, and all of some.
    [InlineData(WatchDecision.Outage, 1000, 1000, 0, 0, 0)]
    [InlineData(WatchDecision.Outage, 1000, 1000, 0, 0, 199)]
    [InlineData(WatchDecision.RollBack, 1000, 1000, 0, 0, 200)]
    [InlineData(WatchDecision.RollBack, 1000, 300, 0, 20, 200)]
    [InlineData(WatchDecision.Outage, 1000, 1000, 0, 200, 200)]
    internal void Verdict_ByFailedRequests_BlamesTheKeyOnlyIfNoOtherFails(WatchDecision expected, long attempts, long failed, long failedBefore, long failedElsewhere, long elsewhere = 1000)
    {
        var verdict = WatchVerdict.Of(Promotion(new(1000, 0, 0, failedBefore)), Fleet(
            Key("PRIMARY", "newk", new AttemptMinute(Minute, attempts, 0, 0, 0, 0, failed)),
            Key("3", "more", new AttemptMinute(Minute, elsewhere, 0, 0, 0, 0, failedElsewhere))));

        Assert.Equal(expected, verdict.Decision);
    }

    [Theory]
    [InlineData(WatchDecision.Keep, 4, 1, 0)]
    [InlineData(WatchDecision.RollBack, 4, 2, 0)]
    [InlineData(WatchDecision.RollBack, 4, 2, 1)]
    [InlineData(WatchDecision.Outage, 4, 2, 2)]
    [InlineData(WatchDecision.Keep, 5, 2, 0)]
    [InlineData(WatchDecision.RollBack, 5, 3, 0)]
    [InlineData(WatchDecision.RollBack, 1, 1, 0)]
    [InlineData(WatchDecision.Keep, 0, 0, 0)]
    internal void Verdict_ByRejections_NeedsHalfOfTheActiveInstances(WatchDecision expected, int active, int rejected, int formerRejected)
    {
        var rows = Many(active, i => Row($"i{i}", "new", Now,
            i < rejected ? Key("PRIMARY", "newk").Rejected() : Key("PRIMARY", "newk"),
            i < formerRejected ? Key("OLD", "oldk").Rejected() : Key("OLD", "oldk")));
        var idle = Row("idle", "old", At.AddHours(-1), Key("PRIMARY", "newk").Rejected());

        Assert.Equal(expected, WatchVerdict.Of(Promotion(default), FleetView.Of([.. rows, idle], "new", Now)).Decision);
    }

    [Theory]
    [InlineData(199, WatchDecision.Keep)]
    [InlineData(200, WatchDecision.Outage)]
    [InlineData(100_000, WatchDecision.Outage)]
    internal void Verdict_OverloadedOnly_IsAnOutage(long attempts, WatchDecision expected) =>
        Assert.Equal(expected, WatchVerdict.Of(Promotion(default), Fleet(Key("PRIMARY", "newk", new AttemptMinute(Minute, 0, 0, 0, attempts, 0, 0)))).Decision);

    [Theory]

    // Attempts and quota verdicts of the promoted key; attempts of the others.
    [InlineData(12, 12, 200, true)]
    [InlineData(199, 10, 5000, true)]
    [InlineData(200, 9, 5000, false)]
    [InlineData(199, 9, 5000, false)]
    [InlineData(12, 12, 199, false)]
    [InlineData(0, 0, 5000, false)]
    public void Doubt_OfAKeyThatIsHardlyTriedAndThenRefused_IsSaid(long attempts, long quota, long elsewhere, bool isDoubtful)
    {
        var verdict = WatchVerdict.Of(Promotion(new(1000, 0, 0, 0)), Fleet(
            Key("PRIMARY", "newk", new AttemptMinute(Minute, attempts - quota, 0, quota, 0, 0, 0)),
            Key("3", "more", new AttemptMinute(Minute, elsewhere, 0, 0, 0, 0, 0))));

        Assert.Equal((WatchDecision.Keep, isDoubtful), (verdict.Decision, verdict.Doubt is not null));
    }

    [Fact]
    public void Verdict_AttemptsBeforeThePromotion_DoNotCount()
    {
        var early = new AttemptMinute(KeyTotals.MinuteOf(At) - 1, 0, 1000, 0, 0, 0, 0);

        Assert.Equal(WatchDecision.Keep, WatchVerdict.Of(Promotion(default), Fleet(Key("PRIMARY", "newk", early), Key("SECONDARY", "newk", early with { Minute = Minute }))).Decision);
    }

    [Fact]
    public void Verdict_NoBaselineSaved_TakesTheRowsOfTheHalfHourBefore()
    {
        var minute = KeyTotals.MinuteOf(At);
        var fleet = Fleet(
            Key("PRIMARY", "newk", new AttemptMinute(Minute, 900, 100, 0, 0, 0, 0)),
            Key("PRIMARY", "oldk", new AttemptMinute(minute - 31, 10_000, 0, 0, 0, 0, 0), new AttemptMinute(minute - 30, 950, 50, 0, 0, 0, 0)));

        Assert.Equal(WatchDecision.Keep, WatchVerdict.Of(Promotion(null), fleet).Decision);
        Assert.Equal(WatchDecision.RollBack, WatchVerdict.Of(Promotion(default(KeyTotals)), fleet).Decision);
    }

    [Theory]
    [InlineData("1 2 3 4", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("1 2 3", false)]
    [InlineData("1 2 -3 4", false)]
    [InlineData("1 2 3 x", false)]
    public void Baseline_AsATag_IsReadOrRefused(string? text, bool isRead)
    {
        Assert.Equal(isRead, KeyTotals.Parse(text) is not null);
        Assert.Equal(isRead ? text : null, KeyTotals.Parse(text)?.ToText());
    }

    private static Promotion Promotion(KeyTotals? before) => new("id", KeySlot.Primary, "newk", "oldk", At, before);

    private static FleetView Fleet(params FleetKey[] keys) => FleetView.Of([Row("one", "new", Now, keys)], "new", Now);
}
