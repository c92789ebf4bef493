using System.Text;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>Files, caches and operations belong to the project of the key that made them.</summary>
public class ProjectBoundTests
{
    private const string OfCache = """{"contents":[],"cachedContent":"cachedContents/made"}""";
    private static readonly string[] Keys = ["AIzaProjectTestKeyNumber-0", "AIzaProjectTestKeyNumber-1", "AIzaProjectTestKeyNumber-2"];
    private readonly FakeTimeProvider _time = new();
    private Verdict _primary = Verdict.Ok;
    private Verdict _secondary = Verdict.Ok;

    [Theory]
    [InlineData("GET", "/v1beta/files")]
    [InlineData("GET", "/v1beta/files/f")]
    [InlineData("POST", "/v1beta/cachedContents")]
    [InlineData("GET", "/v1beta/operations/o")]
    [InlineData("POST", "/v1beta/interactions")]
    [InlineData("GET", "/v1beta/batches/b")]
    [InlineData("POST", "/v1beta/models/a:predictLongRunning")]
    [InlineData("POST", "/upload/v1beta/files")]
    public async Task RoundRobin_BoundRequest_BeginsWithPrimaryAndTakesNoTurn(string verb, string target)
    {
        using var upstream = Upstream();
        using var edge = Edge(upstream, "RoundRobin");
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(200, (await edge.SendAsync(target, verb == "POST" ? "{}" : null, verb)).Status);
            Assert.Equal(200, (await edge.NativeAsync()).Status);
        }

        Assert.All(upstream.Keys.Where((_, i) => i % 2 == 0), key => Assert.Equal(Keys[0], key));
        Assert.All(Keys, key => Assert.Equal(2, upstream.Keys.Where((used, i) => i % 2 == 1 && used == key).Count()));
    }

    [Theory]
    [InlineData("Ordered")]
    [InlineData("RoundRobin")]
    public async Task Bound_MakerIsKnown_BeginsWithIt(string selection)
    {
        using var upstream = Upstream();
        using var edge = Edge(upstream, selection);
        await MakeWithSecondaryAsync(edge, upstream);

        await edge.SendAsync("/v1beta/cachedContents/made", verb: "GET");
        await edge.SendAsync("/v1beta/cachedContents/made", "{}", "PATCH");
        await edge.SendAsync("/v1beta/models/a:generateContent", OfCache);
        await edge.SendAsync("/v1beta/cachedContents/other", verb: "GET");

        Assert.Equal([Keys[1], Keys[1], Keys[1], Keys[0]], upstream.Keys);
    }

    [Fact]
    public async Task Bound_MakerIsRefused_GoesThroughTheRingInOrder()
    {
        using var upstream = Upstream();
        using var edge = Edge(upstream, "Ordered");
        await MakeWithSecondaryAsync(edge, upstream);
        (_primary, _secondary) = (Verdict.QuotaNone, Verdict.KeyInvalid);

        Assert.Equal(200, (await edge.SendAsync("/v1beta/models/a:generateContent", OfCache)).Status);

        Assert.Equal([Keys[1], Keys[0], Keys[2]], upstream.Keys);
    }

    [Fact]
    public async Task Bound_MakerFailsOtherwise_ReturnsItsAnswer()
    {
        using var upstream = Upstream();
        using var edge = Edge(upstream, "Ordered");
        await MakeWithSecondaryAsync(edge, upstream);
        _secondary = Verdict.Overloaded;

        Assert.Equal(503, (await edge.SendAsync("/v1beta/models/a:generateContent", OfCache)).Status);

        Assert.Equal([Keys[1]], upstream.Keys);
    }

    [Fact]
    public async Task Bound_MakerRests_IsSkipped()
    {
        using var upstream = Upstream();
        using var edge = Edge(upstream, "Ordered");
        await MakeWithSecondaryAsync(edge, upstream);
        (_primary, _secondary) = (Verdict.KeyInvalid, Verdict.KeyInvalid);
        await edge.NativeAsync();
        upstream.Forget();

        Assert.Equal(200, (await edge.SendAsync("/v1beta/cachedContents/made", verb: "GET")).Status);

        Assert.Equal([Keys[2]], upstream.Keys);
    }

    private async Task MakeWithSecondaryAsync(InProcessEdge edge, FakeUpstream upstream)
    {
        _primary = Verdict.QuotaMinute;
        Assert.Equal(200, (await edge.SendAsync("/v1beta/cachedContents", """{"model":"models/a"}""")).Status);
        _primary = Verdict.Ok;
        _time.Advance(TimeSpan.FromSeconds(20));
        upstream.Forget();
    }

    private InProcessEdge Edge(FakeUpstream upstream, string selection) =>
        new(Keys, upstream, _time, new() { ["GeminiEdge:Selection"] = selection });

    private FakeUpstream Upstream() => new(call =>
    {
        var answer = UpstreamAnswers.Of(call.Key == Keys[0] ? _primary : call.Key == Keys[1] ? _secondary : Verdict.Ok);
        if (answer.IsSuccessStatusCode && call.Path.EndsWith("/cachedContents", StringComparison.Ordinal))
        {
            answer.Content = new StringContent("""{"name":"cachedContents/made"}""", Encoding.UTF8, "application/json");
        }

        return answer;
    });
}
