using GeminiEdge.Fleet;
using static GeminiEdge.Tests.Fleet.FleetRows;

namespace GeminiEdge.Tests.Fleet;

public class DailyUseTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 30, 0, TimeSpan.Zero);
    private static readonly long Hour = Now.ToUnixTimeSeconds() / 3600;

    [Theory]
    [InlineData(new[] { 100, 100, 300 }, true, 100)]
    [InlineData(new[] { 100, 100, 299 }, false, 100)]
    [InlineData(new[] { 33, 33, 100 }, true, 33)]
    [InlineData(new[] { 33, 33, 99 }, false, 33)]
    [InlineData(new[] { 1, 1, 99 }, false, 1)]
    [InlineData(new[] { 100, 120, 130, 375 }, true, 125)]
    [InlineData(new[] { 100, 120, 130, 374 }, false, 125)]
    [InlineData(new[] { 5000 }, false, 5000)]
    [InlineData(new int[0], false, 0)]
    public void Spike_OfTheHoursWithUse_IsThreeTimesTheirMedianAndAHundred(int[] attempts, bool isSpike, double median)
    {
        var use = Assert.Single(DailyUse.Of([Row("a", "ring", Now, Used("PRIMARY", "abcd", [.. attempts.Select((count, i) => new AttemptHour(Hour - (3 * i), count))]))], Now));

        Assert.Equal((isSpike, median, attempts.Sum()), (use.IsSpike, use.Median, use.Attempts));
    }

    [Fact]
    public void Use_OverSlotsAndInstances_IsSummedByKeyAndHourAndOlderHoursAreLeftOut()
    {
        var rows = new[]
        {
            Row("a", "ring", Now, Used("PRIMARY", "abcd", new AttemptHour(Hour, 7), new AttemptHour(Hour - 24, 5), new AttemptHour(Hour - 25, 1000)) with { LastAttempt = Now.AddSeconds(-9) }, Used("SECONDARY", "efgh")),
            Row("dead", "ring", Now.AddHours(-20), Used("SECONDARY", "abcd", new AttemptHour(Hour - 24, 2)) with { LastAttempt = Now.AddHours(-20) }),
        };

        var uses = DailyUse.Of(rows, Now);

        Assert.Equal(["abcd", "efgh"], uses.Select(use => use.KeyId));
        Assert.Equal([new AttemptHour(Hour - 24, 7), new AttemptHour(Hour, 7)], uses[0].Hours);
        Assert.Equal((new AttemptHour(Hour - 24, 7), Now.AddSeconds(-9)), (uses[0].Highest!.Value, uses[0].LastAttempt));
        Assert.Equal((null, null), (uses[1].Highest, uses[1].LastAttempt));
    }

    private static FleetKey Used(string slot, string id, params AttemptHour[] hours) => Key(slot, id) with { Hours = [.. hours] };
}
