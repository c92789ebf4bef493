using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Fleet;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Fleet;

public class FleetCountsTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Start);
    private readonly FleetCounts _counts;

    public FleetCountsTests() => _counts = new FleetCounts(_time);

    [Theory]
    [InlineData("ok", "Ok")]
    [InlineData("key_invalid key_leaked key_blocked project_denied model_unavailable forbidden_unknown", "Key")]
    [InlineData("billing_exhausted quota_none quota_day quota_minute quota_unknown", "Quota")]
    [InlineData("overloaded upstream_error upstream_timeout network location_unsupported", "Upstream")]
    [InlineData("request_too_large_for_quota resource_denied caller_error", "Caller")]
    [InlineData("client_gone", null)]
    public void Attempt_EachVerdict_CountsAsItsOutcome(string names, string? outcome)
    {
        var verdicts = Enum.GetValues<Verdict>().Where(verdict => names.Split(' ').Contains(Consequence.Of(verdict).Name)).ToList();
        Assert.Equal(names.Split(' ').Length, verdicts.Count);
        var key = Key(KeySlot.Primary);

        foreach (var verdict in verdicts)
        {
            _counts.AttemptEnded(Record(key, verdict));
        }

        var minutes = Only(key).Minutes;
        Assert.Equal(outcome is null ? 0 : 1, minutes.Length);
        Assert.Equal(verdicts.Where(_ => outcome is not null).Sum(_ => 1), minutes.Sum(minute => minute.Attempts));
        Assert.All(minutes, minute => Assert.Equal(minute.Attempts, outcome switch
        {
            "Ok" => minute.Ok,
            "Key" => minute.Key,
            "Quota" => minute.Quota,
            "Upstream" => minute.Upstream,
            _ => minute.Caller,
        }));
    }

    [Fact]
    public void Minutes_OfMoreThanAnHour_AreTheLastSixtyWithTheirOwnCounts()
    {
        var key = Key(KeySlot.Primary);
        for (var minute = 0; minute < 150; minute++)
        {
            for (var i = 0; i <= minute % 7; i++)
            {
                _counts.AttemptEnded(Record(key, Verdict.Ok));
                _counts.RequestEnded(Verdict.Ok, []);
            }

            _time.Advance(TimeSpan.FromMinutes(minute == 149 ? 0 : 1));
        }

        var use = _counts.Read(Ring(key));

        var first = (Start.ToUnixTimeSeconds() / 60) + 90;
        var expected = Enumerable.Range(0, 60).Select(i => (first + i, (long)((90 + i) % 7) + 1)).ToList();
        Assert.Equal(expected, use.Keys.Single().Minutes.Select(minute => (minute.Minute, minute.Ok)));
        Assert.Equal(expected, use.Requests.Select(row => (row[0], row[1])));
    }

    [Fact]
    public void Minutes_OfAnIdleHour_AreGone()
    {
        var key = Key(KeySlot.Primary);
        _counts.AttemptEnded(Record(key, Verdict.Ok));

        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.Single(Only(key).Minutes);
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Empty(Only(key).Minutes);
        Assert.Equal(Start, Only(key).LastAttempt);
    }

    [Fact]
    public void Hours_OfMoreThanADay_AreTheLastTwentyFiveWithTheirOwnCounts()
    {
        var key = Key(KeySlot.Primary);
        for (var hour = 0; hour < 60; hour++)
        {
            for (var i = 0; i <= hour % 7; i++)
            {
                _counts.AttemptEnded(Record(key, i % 2 == 0 ? Verdict.Ok : Verdict.KeyInvalid));
            }

            _counts.AttemptEnded(Record(key, Verdict.ClientGone));
            _time.Advance(TimeSpan.FromHours(hour == 59 ? 0 : 1));
        }

        var first = (Start.ToUnixTimeSeconds() / 3600) + 35;
        Assert.Equal(Enumerable.Range(0, 25).Select(i => new AttemptHour(first + i, ((35 + i) % 7) + 1)), Only(key).Hours);
    }

    [Fact]
    public void Hours_OfMinutesThatGiveTheirPlaceAwayLate_AreEachCountedOnceAndInTheirOwnHour()
    {
        var key = Key(KeySlot.Primary);
        var expected = new SortedDictionary<long, long>();
        var random = new Random(7);
        for (var i = 0; i < 3_000; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(random.Next(100) == 0 ? random.Next(40 * 60) : random.Next(8)));
            _counts.AttemptEnded(Record(key, Verdict.Ok));
            var hour = _time.GetUtcNow().ToUnixTimeSeconds() / 3600;
            expected[hour] = expected.GetValueOrDefault(hour) + 1;

            Assert.Equal(expected.Where(one => one.Key > hour - FleetCounts.HoursKept).Select(one => new AttemptHour(one.Key, one.Value)), Only(key).Hours);
        }
    }

    [Fact]
    public void LastAttempt_IsWhenItBegan_AlsoWhileItLasts()
    {
        var key = Key(KeySlot.Primary);
        _counts.AttemptBegins(key);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(Start, Only(key).LastAttempt);

        _counts.AttemptEnded(Record(key, Verdict.ClientGone) with { Duration = TimeSpan.FromSeconds(20) });

        Assert.Equal(Start.AddSeconds(10), Only(key).LastAttempt);
    }

    [Theory]
    [InlineData("key_invalid", 1)]
    [InlineData("quota_day", 1)]
    [InlineData("upstream_error", 1)]
    [InlineData("overloaded", 0)]
    [InlineData("network", 0)]
    public void Request_HasFailed_CountsAgainstTheKeysThatWereTriedAndMayBeAtFault(string name, int share)
    {
        var (tried, skipped) = (Key(KeySlot.Primary), Key(KeySlot.Secondary));
        var verdict = Enum.GetValues<Verdict>().Single(verdict => Consequence.Of(verdict).Name == name);

        _counts.RequestEnded(null, [new(tried, 500, verdict, Skipped: false), new(skipped, null, Verdict.KeyInvalid, Skipped: true)]);

        var use = _counts.Read(Ring(tried, skipped));
        Assert.Equal([0L, 1L], Assert.Single(use.Requests)[1..]);
        Assert.Equal([share, 0], use.Keys.Select(key => (int)key.Minutes.Sum(minute => minute.FailedRequests)));
    }

    [Fact]
    public void Request_OfACallersOwnMistake_IsAnsweredAndOneWhoLeftIsNothing()
    {
        _counts.RequestEnded(Verdict.CallerError, [new(Key(KeySlot.Primary), 400, Verdict.CallerError, Skipped: false)]);
        _counts.RequestEnded(Verdict.ClientGone, []);
        _counts.RequestEnded(Verdict.Ok, []);

        var use = _counts.Read(KeyRing.Empty);

        Assert.Equal([2L, 0L], Assert.Single(use.Requests)[1..]);
        Assert.Empty(use.Keys);
    }

    [Fact]
    public void Keys_ThatRotateThroughAnHour_AreBoundedAndTheRingsComeFirst()
    {
        var keys = Enumerable.Range(0, 100).Select(i => Key(KeySlot.Primary, $"{i:0000}")).ToList();
        foreach (var key in keys)
        {
            for (var i = 0; i < 3; i++)
            {
                _counts.AttemptEnded(Record(key, Verdict.Ok));
            }

            _time.Advance(TimeSpan.FromSeconds(20));
        }

        var use = _counts.Read(Ring(Key(KeySlot.Primary, "0099"), Key(KeySlot.Secondary, "abcd")));

        Assert.Equal(FleetCounts.MostKeys, use.Keys.Length);
        Assert.Equal([("PRIMARY", "0099", true, 3L), ("SECONDARY", "abcd", true, 0L), ("PRIMARY", "0098", false, 3L)],
            use.Keys.Take(3).Select(key => (key.Slot, key.KeyId, key.IsInRing, key.Minutes.Sum(minute => minute.Ok))));
    }

    [Fact]
    public void Keys_ThatHaveLeftTheRing_GoWithTheirHours()
    {
        var key = Key(KeySlot.Primary);
        _counts.AttemptEnded(Record(key, Verdict.KeyLeaked));

        _time.Advance(TimeSpan.FromHours(FleetCounts.HoursKept) - TimeSpan.FromSeconds(1));
        Assert.Single(_counts.Read(KeyRing.Empty).Keys);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Empty(_counts.Read(KeyRing.Empty).Keys);
        Assert.Single(_counts.Read(Ring(key)).Keys);
    }

    [Fact]
    public void Report_OnlyTheFirstSightOfALeak_IsAtOnce()
    {
        var reports = new List<bool>();
        _counts.Report = reports.Add;
        var key = Key(KeySlot.Primary);

        _counts.AttemptBegins(key);
        _counts.AttemptEnded(Record(key, Verdict.KeyLeaked));
        _counts.AttemptEnded(Record(key, Verdict.KeyLeaked));
        _counts.RequestEnded(null, []);
        _counts.Changed();

        Assert.Equal([false, true, false, false, true], reports);
    }

    [Fact]
    public async Task Counting_OnManyThreads_LosesNothing()
    {
        var keys = new[] { Key(KeySlot.Primary), Key(KeySlot.Secondary) };

        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            for (var i = 0; i < 5000; i++)
            {
                _counts.AttemptEnded(Record(keys[i % 2], Verdict.Ok));
                _counts.RequestEnded(Verdict.Ok, []);
            }
        })));

        var use = _counts.Read(Ring(keys));
        Assert.Equal([10_000L, 10_000L], use.Keys.Select(key => key.Minutes.Sum(minute => minute.Ok)));
        Assert.Equal(20_000L, use.Requests.Sum(row => row[1]));
    }

    private static KeyRing Ring(params RingKey[] keys) => new([.. keys]);

    private RingKey Key(KeySlot slot, string id = "wxyz") => new(slot, ApiKey.Create($"a-key-for-the-counts-{id}").Key!, "v1", new KeyHealth(_time));

    private FleetKey Only(RingKey key) => Assert.Single(_counts.Read(Ring(key)).Keys);

    private static AttemptRecord Record(RingKey key, Verdict verdict) => new()
    {
        Key = key,
        RequestId = "r-1",
        Attempt = 1,
        Method = "generateContent",
        Kind = CallKind.Generate,
        Verdict = verdict,
        Next = NextAction.Return,
        Duration = TimeSpan.Zero,
    };
}
