using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Forwarding;

public class SelectionTests
{
    private const int Requests = 10_000;
    private static readonly Dictionary<string, string?> RoundRobin = new() { ["GeminiEdge:Selection"] = "RoundRobin" };
    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData("Ok Ok")]
    [InlineData("Ok Ok Ok")]
    [InlineData("Ok Ok Ok Ok")]
    [InlineData("Ok Ok Ok Ok Ok")]
    [InlineData("KeyInvalid Ok Ok")]
    [InlineData("Ok KeyLeaked Ok")]
    [InlineData("Ok Ok KeyLeaked QuotaMinute")]
    [InlineData("BillingExhausted Ok KeyInvalid Ok QuotaNone")]
    [InlineData("Ok KeyBlocked KeyLeaked ProjectDenied ModelUnavailable")]
    public async Task RoundRobin_TenThousandRequests_SpreadEvenlyOverTheKeysThatWork(string verdicts)
    {
        var ring = verdicts.Split(' ').Select(Enum.Parse<Verdict>).ToArray();
        using var upstream = Answering(ring);
        using var edge = new InProcessEdge(Keys(ring.Length), upstream, _time, RoundRobin);

        for (var i = 0; i < Requests; i++)
        {
            Assert.Equal(200, (await edge.GenerateAsync()).Status);
        }

        AssertSpread(ring, upstream.Keys);
    }

    [Fact]
    public async Task RoundRobin_TenThousandConcurrentRequests_SpreadEvenlyOverTheKeysThatWork()
    {
        Verdict[] ring = [Verdict.Ok, Verdict.KeyInvalid, Verdict.Ok, Verdict.Ok, Verdict.KeyLeaked];
        using var upstream = new FakeUpstream(async call =>
        {
            await Task.Yield();
            return UpstreamAnswers.Of(ring[Index(call.Key)]);
        });
        using var edge = new InProcessEdge(Keys(ring.Length), upstream, _time, RoundRobin);

        await Parallel.ForEachAsync(
            Enumerable.Range(0, Requests), new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (_, _) => Assert.Equal(200, (await edge.GenerateAsync()).Status));

        AssertSpread(ring, upstream.Keys, lateFailures: 32);
    }

    [Fact]
    public async Task RoundRobin_OldKeyInTheRing_GetsNoShareWhileOthersWorkAndAllWhenNoneDoes()
    {
        var dead = false;
        var old = Keys(3)[2];
        using var upstream = new FakeUpstream(call => UpstreamAnswers.Of(dead && call.Key != old ? Verdict.KeyInvalid : Verdict.Ok));
        using var edge = new InProcessEdge(Keys(2), upstream, _time, new(RoundRobin) { ["GEMINI_API_KEY_OLD"] = old });
        for (var i = 0; i < 100; i++)
        {
            await edge.GenerateAsync();
        }

        Assert.DoesNotContain(old, upstream.Keys);
        Assert.Equal(50, upstream.Keys.Count(key => key == Keys(1)[0]));
        dead = true;
        await edge.GenerateAsync();
        upstream.Forget();

        Assert.Equal(200, (await edge.GenerateAsync()).Status);
        Assert.Equal([old], upstream.Keys);
    }

    [Fact]
    public async Task RoundRobin_OldKeyAlone_IsUsed()
    {
        using var upstream = Answering(Verdict.Ok);
        using var edge = new InProcessEdge([], upstream, _time, new(RoundRobin) { ["GEMINI_API_KEY_OLD"] = Keys(1)[0] });

        Assert.Equal(200, (await edge.GenerateAsync()).Status);
        Assert.Equal(200, (await edge.GenerateAsync()).Status);
    }

    [Fact]
    public async Task RoundRobin_KeyOfOneModelRests_StillServesTheOthers()
    {
        using var upstream = new FakeUpstream(call =>
            UpstreamAnswers.Of(Index(call.Key) == 0 && call.Path.Contains("/resting:", StringComparison.Ordinal) ? Verdict.QuotaNone : Verdict.Ok));
        using var edge = new InProcessEdge(Keys(2), upstream, _time, RoundRobin);
        await edge.GenerateAsync("resting");
        await edge.GenerateAsync("resting");
        upstream.Forget();

        for (var i = 0; i < 10; i++)
        {
            await edge.GenerateAsync("resting");
        }

        Assert.All(upstream.Keys, key => Assert.Equal(1, Index(key)));
        upstream.Forget();
        for (var i = 0; i < 10; i++)
        {
            await edge.GenerateAsync("working");
        }

        Assert.Equal(5, upstream.Keys.Count(key => Index(key) == 0));
    }

    [Fact]
    public async Task Ordered_PrimaryWorks_TakesAllTraffic()
    {
        using var upstream = Answering(Verdict.Ok, Verdict.Ok, Verdict.Ok);
        using var edge = new InProcessEdge(Keys(3), upstream, _time);

        for (var i = 0; i < 1000; i++)
        {
            await edge.GenerateAsync();
        }

        Assert.All(upstream.Keys, key => Assert.Equal(0, Index(key)));
    }

    private static string[] Keys(int count) => [.. Enumerable.Range(0, count).Select(i => $"AIzaSelectionTestKeyNumber-{i}")];

    private static int Index(string key) => key[^1] - '0';

    private static FakeUpstream Answering(params Verdict[] ring) => new(call => UpstreamAnswers.Of(ring[Index(call.Key)]));

    private static void AssertSpread(Verdict[] ring, IReadOnlyList<string> keys, int lateFailures = 1)
    {
        var share = (double)Requests / ring.Count(verdict => verdict == Verdict.Ok);
        for (var i = 0; i < ring.Length; i++)
        {
            var count = keys.Count(key => Index(key) == i);
            Assert.InRange(count, ring[i] == Verdict.Ok ? 0.95 * share : 0, ring[i] == Verdict.Ok ? 1.05 * share : lateFailures);
        }
    }
}
