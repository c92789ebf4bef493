using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Keys;

public class KeyAsAWholeTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void IsAvailable_ModelsAloneAreOutOfQuota_TheKeyIs()
    {
        var health = new KeyHealth(_time);
        health.Report(health.TryBegin("")!.Value, Verdict.QuotaUnknown, new UpstreamFailure(429, UpstreamError.Unreadable));

        Assert.False(health.IsAvailable(""));
        Assert.True(health.IsUp);
    }

    [Fact]
    public void IsUntroubled_CooldownIsOverThoughNothingProvedIt_ItIs()
    {
        var health = new KeyHealth(_time);
        health.Report(health.TryBegin("a")!.Value, Verdict.QuotaUnknown, new UpstreamFailure(429, UpstreamError.Unreadable));
        Assert.False(health.IsUntroubled);

        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.True(health.IsUntroubled);
    }

    [Fact]
    public async Task RoundRobin_TwoKindsOfCallAlternate_EachSpreadsOverTheKeys()
    {
        using var upstream = new FakeUpstream(_ => UpstreamAnswers.Of(Verdict.Ok));
        using var edge = new InProcessEdge(["the-first-key-of-two", "the-second-key-of-two"], upstream, _time, new() { ["GeminiEdge:Selection"] = "RoundRobin" });
        var keys = new List<string>();
        for (var i = 0; i < 100; i++)
        {
            await edge.NativeAsync(action: "countTokens");
            await edge.NativeAsync();
            keys.Add(upstream.Keys[^1]);
        }

        Assert.Equal(50, keys.Count(key => key == "the-first-key-of-two"));
    }

    [Fact]
    public void Consequences_AreListedInTheOrderOfTheirVerdicts() =>
        Assert.All(Enum.GetValues<Verdict>(), verdict => Assert.Equal(verdict, Consequence.Of(verdict).Verdict));
}
