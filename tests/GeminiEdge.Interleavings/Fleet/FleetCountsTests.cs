using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Fleet;
using GeminiEdge.Interleavings.Keys;
using GeminiEdge.Interleavings.Scheduling;

namespace GeminiEdge.Interleavings.Fleet;

/// <summary>What the fleet register is told of attempts and requests: as much as there were, in whatever order they end.</summary>
public class FleetCountsTests
{
    private static readonly Verdict[] Ends = [Verdict.Ok, Verdict.KeyInvalid, Verdict.QuotaMinute, Verdict.Network, Verdict.CallerError, Verdict.ClientGone];

    [Fact]
    public void Counts_AddUpToWhatWasReported() => Explorer.Explore(schedule =>
    {
        var counts = new FleetCounts(schedule.Time);
        var ring = new KeyRing([Key(schedule, KeySlot.Primary), Key(schedule, KeySlot.Secondary)]);
        var (told, answered, failed, spoken) = (new Dictionary<(RingKey, Outcome), int>(), 0, 0, 0);
        for (var caller = 0; caller < 3; caller++)
        {
            var key = ring.Keys[schedule.Draw(ring.Keys.Length)];
            var verdict = Ends[schedule.Draw(Ends.Length)];
            if (Consequence.Of(verdict).CountsAs is { } outcome)
            {
                told[(key, outcome)] = told.GetValueOrDefault((key, outcome)) + 1;
                (answered, failed) = outcome is Outcome.Ok or Outcome.Caller ? (answered + 1, failed) : (answered, failed + 1);
                spoken += outcome is Outcome.Key or Outcome.Quota ? 1 : 0;
            }

            schedule.Begin("request", () =>
            {
                counts.AttemptBegins(key);
                counts.AttemptEnded(Attempt(key, verdict));
                counts.RequestEnded(verdict, [new AttemptSummary(key, null, verdict, Skipped: false)]);
            });
        }

        schedule.Begin("time", () => schedule.Time.Advance(TimeSpan.FromMinutes(1)));
        schedule.Begin("report", () =>
        {
            var before = 0L;
            for (var look = 0; look < 3; look++)
            {
                // What it tells is one moment: by minutes and by hours the same.
                var read = counts.Read(ring);
                Assert.All(read.Keys, row => Assert.Equal(row.Minutes.Sum(minute => minute.Attempts), row.Hours.Sum(hour => hour.Attempts)));
                Assert.InRange(Attempts(read), before, told.Values.Sum());
                before = Attempts(read);
            }
        });

        return () =>
        {
            var read = counts.Read(ring);
            Assert.Equal(ring.Keys.Select(key => key.Id), read.Keys.Select(key => key.KeyId));
            foreach (var (key, row) in ring.Keys.Zip(read.Keys))
            {
                Assert.Equal(
                    Enum.GetValues<Outcome>().Select(outcome => (long)told.GetValueOrDefault((key, outcome))),
                    [row.Minutes.Sum(minute => minute.Ok), row.Minutes.Sum(minute => minute.Key), row.Minutes.Sum(minute => minute.Quota), row.Minutes.Sum(minute => minute.Upstream), row.Minutes.Sum(minute => minute.Caller)]);
                Assert.Equal(row.Minutes.Sum(minute => minute.Attempts), row.Hours.Sum(hour => hour.Attempts));
            }

            Assert.Equal(spoken, read.Keys.Sum(key => key.Minutes.Sum(minute => minute.FailedRequests)));
            Assert.Equal((answered, failed), (read.Requests.Sum(minute => minute[1]), read.Requests.Sum(minute => minute[2])));
        };
    });

    [Fact]
    public void Leak_IsReportedAtOnceByOne() => Explorer.Explore(schedule =>
    {
        var counts = new FleetCounts(schedule.Time);
        var (key, atOnce) = (Key(schedule, KeySlot.Primary), 0);
        counts.Report = isAtOnce => atOnce += isAtOnce ? 1 : 0;
        for (var caller = 0; caller < 3; caller++)
        {
            schedule.Begin("attempt", () => counts.AttemptEnded(Attempt(key, Verdict.KeyLeaked)));
        }

        return () => Assert.Equal((1, 3), (atOnce, Attempts(counts.Read(new KeyRing([key])))));
    });

    // More keys than there is room for: whatever leaves, nobody has two rows, and the last ones are there.
    [Fact]
    public void MoreKeysThanAreKept_HaveOneRowEach() => Explorer.Explore(schedule =>
    {
        var counts = new FleetCounts(schedule.Time);
        for (var gone = 0; gone < FleetCounts.MostKeys - 1; gone++)
        {
            counts.AttemptBegins(Key(schedule, KeySlot.Slot3, $"gone-{gone:0000}"));
            schedule.Time.Advance(TimeSpan.FromSeconds(1));
        }

        RingKey[] keys = [Key(schedule, KeySlot.Primary), Key(schedule, KeySlot.Secondary)];
        for (var caller = 0; caller < 4; caller++)
        {
            var key = keys[caller % 2];
            schedule.Begin("attempt", () =>
            {
                counts.AttemptBegins(key);
                counts.AttemptEnded(Attempt(key, Verdict.Ok));
            });
        }

        return () =>
        {
            var read = counts.Read(new KeyRing([.. keys]));
            Assert.Equal(FleetCounts.MostKeys, read.Keys.Select(key => (key.Slot, key.KeyId)).Distinct().Count());
            Assert.All(read.Keys.Take(2), row => Assert.Equal(2, row.Minutes.Sum(minute => minute.Ok)));
        };
    });

    private static long Attempts(FleetUse use) => use.Keys.Sum(key => key.Minutes.Sum(minute => minute.Attempts));

    private static RingKey Key(Schedule schedule, KeySlot slot, string? name = null) => new(slot, SomeKeys.Named(name ?? slot.Name()), null, new KeyHealth(schedule.Time));

    private static AttemptRecord Attempt(RingKey key, Verdict verdict) => new()
    {
        Key = key,
        RequestId = "a-request",
        Attempt = 1,
        Method = "generateContent",
        Kind = CallKind.Generate,
        Verdict = verdict,
        Next = NextAction.Return,
        Duration = TimeSpan.Zero,
    };
}
