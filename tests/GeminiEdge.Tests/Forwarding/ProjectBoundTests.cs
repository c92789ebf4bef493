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
    [InlineData("GET", "/v1beta/files/f:download?alt=media")]
    [InlineData("GET", "/download/v1beta/files/f:download?alt=media")]
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

    // What one answer names is used with the same key, whichever way it is named next.
    [Theory]
    [InlineData("""{"name":"files/res"}""", "GET", "/download/v1beta/files/res:download?alt=media", null)]
    [InlineData("""{"name":"files/res"}""", "GET", "/v1beta/files/res:download?alt=media", null)]
    [InlineData("""{"name":"files/res"}""", "POST", "/v1beta/models/a:batchGenerateContent", """{"batch":{"input_config":{"file_name":"files/res"}}}""")]
    [InlineData("""{"name":"files/res"}""", "POST", "/v1beta/models/a:asyncBatchEmbedContent", """{"batch":{"inputConfig":{"fileName":"files/res"}}}""")]
    [InlineData("""{"name":"files/res"}""", "POST", "/v1beta/interactions", """{"model":"a","input":[{"type":"document","uri":"https://generativelanguage.googleapis.com/v1beta/files/res"}]}""")]
    [InlineData("""{"name":"files/res"}""", "POST", "/v1beta/models/a:generateContent", """{"contents":[{"parts":[{"file_data":{"file_uri":"files/res"}}]}]}""")]
    [InlineData("""{"name":"fileSearchStores/s"}""", "POST", "/v1beta/models/a:generateContent", """{"contents":[],"tools":[{"fileSearch":{"fileSearchStoreNames":["fileSearchStores/s"]}}]}""")]
    [InlineData("""{"name":"fileSearchStores/s"}""", "POST", "/v1beta/models/a:generateContent", """{"contents":[],"tools":[{"file_search":{"file_search_store_names":["fileSearchStores/s"]}}]}""")]
    [InlineData("""{"name":"fileSearchStores/s"}""", "POST", "/upload/v1beta/fileSearchStores/s:uploadToFileSearchStore", "{}")]
    [InlineData("""{"name":"batches/b","metadata":{"state":"BATCH_STATE_SUCCEEDED"},"response":{"responsesFile":"files/batch-res"}}""", "GET", "/download/v1beta/files/batch-res:download?alt=media", null)]
    [InlineData("""{"name":"operations/o","done":true,"response":{"generatedSamples":[{"video":{"uri":"https://generativelanguage.googleapis.com/v1beta/files/vid:download?alt=media"}}]}}""", "GET", "/v1beta/files/vid:download?alt=media", null)]
    public async Task Bound_AnAnswerNamedIt_BeginsWithTheKeyOfThatAnswer(string made, string verb, string target, string? body)
    {
        using var upstream = Upstream(made);
        using var edge = Edge(upstream, "Ordered");
        await MakeWithSecondaryAsync(edge, upstream);

        Assert.Equal(200, (await edge.SendAsync(target, body, verb)).Status);

        Assert.Equal([Keys[1]], upstream.Keys);
    }

    [Fact]
    public async Task Bound_AFileHoldsNames_NothingIsLearnedOfThem()
    {
        using var upstream = Upstream("""{"name":"cachedContents/other"}""");
        using var edge = Edge(upstream, "Ordered");
        _primary = Verdict.KeyInvalid;
        Assert.Equal(200, (await edge.SendAsync("/download/v1beta/cachedContents", verb: "GET")).Status);
        _primary = Verdict.Ok;
        _time.Advance(TimeSpan.FromMinutes(2));
        upstream.Forget();

        await edge.SendAsync("/v1beta/cachedContents/other", verb: "GET");

        Assert.Equal([Keys[0]], upstream.Keys);
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

    private FakeUpstream Upstream(string made = """{"name":"cachedContents/made"}""") => new(call =>
    {
        var answer = UpstreamAnswers.Of(call.Key == Keys[0] ? _primary : call.Key == Keys[1] ? _secondary : Verdict.Ok);
        if (answer.IsSuccessStatusCode && call.Path.EndsWith("/cachedContents", StringComparison.Ordinal))
        {
            answer.Content = new StringContent(made, Encoding.UTF8, "application/json");
        }

        return answer;
    });
}
