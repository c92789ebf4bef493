using System.Collections.Immutable;
using GeminiEdge.Fleet;

namespace GeminiEdge.Tests.Fleet;

public class FleetRowTests
{
    private const int LongestText = 32_000;
    private const int LargestRow = 1 << 20;
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, 250, TimeSpan.Zero);

    [Fact]
    public void Row_WrittenAndRead_IsTheSame()
    {
        var row = Row(keys: 3, minutes: 2);

        var read = FleetRow.FromEntity(row.ToEntity().ToDictionary());

        Assert.Equal(row with { Requests = [], Keys = [] }, read with { Requests = [], Keys = [] });
        Assert.Equal(row.Requests, read.Requests);
        Assert.Equal(row.Keys.Select(key => key.ToJson()), read.Keys.Select(key => key.ToJson()));
    }

    [Fact]
    public void Row_OfTheMostKeysAndTheBusiestHour_FitsIntoATable()
    {
        var entity = Row(FleetCounts.MostKeys, FleetCounts.MinutesKept, count: int.MaxValue).ToEntity();

        Assert.All(entity.Values.OfType<string>(), text => Assert.True(text.Length <= LongestText));
        Assert.True(entity.Values.OfType<string>().Sum(text => text.Length * 2) < LargestRow);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"slot":"PRIMARY"}""")]
    [InlineData("""{"slot":"PRIMARY","key_id":"abcd","in_ring":1,"state":"healthy","leaked":false,"minutes":[]}""")]
    [InlineData("""{"slot":"PRIMARY","key_id":"abcd","in_ring":true,"state":"healthy","leaked":false,"minutes":[["a",1,1,1,1,1,1]]}""")]
    public void Row_OfAnotherVersion_IsReadAsFarAsItIsUnderstood(string key)
    {
        var entity = Row(keys: 2, minutes: 1).ToEntity().ToDictionary();
        entity["Key00"] = key;
        entity["Requests"] = key;
        entity.Remove("Ring");
        entity["LastSeen"] = "yesterday";

        var row = FleetRow.FromEntity(entity);

        Assert.Equal(("app", "one", "", default(DateTimeOffset)), (row.App, row.Instance, row.Ring, row.LastSeen));
        Assert.Empty(row.Requests);
        Assert.Equal("k001", Assert.Single(row.Keys).KeyId);
    }

    [Fact]
    public void Row_WithMoreNumbersThanAreKnown_KeepsThoseThatAre()
    {
        var key = FleetKey.FromJson("""{"slot":"OLD","key_id":"abcd","in_ring":false,"state":"rejected","leaked":true,"minutes":[[7,1,2,3,4,5,6,99],[8,1]],"more":1}""")!;

        Assert.Equal(new AttemptMinute(7, 1, 2, 3, 4, 5, 6), Assert.Single(key.Minutes));
        Assert.Equal(("OLD", "abcd", null, false, "rejected", true, null), (key.Slot, key.KeyId, key.Version, key.IsInRing, key.State, key.IsLeaked, key.LastAttempt));
    }

    [Fact]
    public void Row_OfAnEdgeThatCountsNoHours_HasThoseThatItsMinutesTell()
    {
        var key = FleetKey.FromJson("""{"slot":"OLD","key_id":"abcd","in_ring":true,"state":"healthy","leaked":false,"minutes":[[119,1,2,3,4,5,6],[120,7,0,0,0,0,0],[121,1,0,0,0,0,0]]}""")!;

        Assert.Equal([new AttemptHour(1, 15), new AttemptHour(2, 8)], key.Hours);
    }

    // Whoever adds such numbers up has one too many for a number, or fewer than none.
    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("-1")]
    public void Row_WithNumbersThatNobodyCounted_IsReadWithoutThem(string number)
    {
        var entity = Row(keys: 1, minutes: 0).ToEntity().ToDictionary();
        entity["Requests"] = $"[[1,2,{number}],[1,2,3]]";
        entity["Key00"] = $$"""{"slot":"OLD","key_id":"abcd","in_ring":true,"state":"healthy","leaked":false,"minutes":[[7,1,2,3,4,5,{{number}}],[8,1,2,3,4,5,6]],"hours":[[1,{{number}}],[1,2],[2,{{number}}]]}""";

        var row = FleetRow.FromEntity(entity);

        Assert.Equal(new RequestMinute(1, 2, 3), Assert.Single(row.Requests));
        var key = Assert.Single(row.Keys);
        Assert.Equal((new AttemptMinute(8, 1, 2, 3, 4, 5, 6), new AttemptHour(1, 2)), (Assert.Single(key.Minutes), Assert.Single(key.Hours)));
    }

    [Fact]
    public void Fingerprint_OfAnyOtherRing_Differs()
    {
        (string, string, string?)[][] rings =
        [
            [],
            [("PRIMARY", "abcd", "v1")],
            [("PRIMARY", "abcd", "v2")],
            [("PRIMARY", "abcd", null)],
            [("PRIMARY", "abce", "v1")],
            [("SECONDARY", "abcd", "v1")],
            [("PRIMARY", "abcd", "v1"), ("SECONDARY", "efgh", "v1")],
            [("SECONDARY", "efgh", "v1"), ("PRIMARY", "abcd", "v1")],
        ];

        Assert.Equal(rings.Length, rings.Select(ring => RingFingerprint.Of(ring)).Distinct().Count());
        Assert.All(rings, ring => Assert.Matches("^[0-9a-f]{16}$", RingFingerprint.Of(ring)));
        Assert.Equal(RingFingerprint.Of([("PRIMARY", "abcd", "v1")]), RingFingerprint.Of(rings[1]));
    }

    private static FleetRow Row(int keys, int minutes, int count = 5) => new()
    {
        App = "app",
        Instance = "one",
        Version = "1.2.3",
        Region = "West Europe",
        Ring = "0123456789abcdef",
        ActiveSlot = "PRIMARY",
        ActiveKey = "k000",
        LastSeen = Now,
        RingRead = Now.AddSeconds(-3),
        RingSwapped = Now.AddHours(-3),
        Requests = [.. Enumerable.Range(0, minutes).Select(i => new RequestMinute(29_539_440 + i, count, count))],
        Keys = [.. Enumerable.Range(0, keys).Select(i => new FleetKey(
            "SECONDARY", $"k{i:000}", i == 0 ? null : new string('f', 32), i % 2 == 0, "cooling_down", i % 2 == 1, i == 0 ? null : Now, Minutes(minutes, count))
        {
            Hours = [.. Enumerable.Range(0, Math.Min(minutes, FleetCounts.HoursKept)).Select(hour => new AttemptHour(492_324 + hour, count))],
        })],
    };

    private static ImmutableArray<AttemptMinute> Minutes(int minutes, int count) =>
        [.. Enumerable.Range(0, minutes).Select(i => new AttemptMinute(29_539_440 + i, count, count, count, count, count, count))];
}
