using System.Text.Json.Nodes;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Keys;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>What a request gets when the ring has no key left for it.</summary>
public class RingEndTests
{
    private const string OfFile = """{"contents":[{"parts":[{"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/f"}}]}]}""";
    private static readonly string[] Keys = ["AIzaRingEndTestKeyNumber-0", "AIzaRingEndTestKeyNumber-1", "AIzaRingEndTestKeyNumber-2"];
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task TooLargeForQuota_AnotherKeyHasMore_AnswersWithIt()
    {
        using var upstream = Answering(Verdict.RequestTooLargeForQuota, Verdict.RequestTooLargeForQuota, Verdict.Ok);
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);

        Assert.Equal(200, (await edge.NativeAsync()).Status);
        Assert.Equal(200, (await edge.NativeAsync()).Status);

        Assert.Equal(6, upstream.Keys.Count);
    }

    [Fact]
    public async Task TooLargeForQuota_OnEveryKey_ReturnsTheFirstAnswerAsItIs()
    {
        using var upstream = Answering(Verdict.RequestTooLargeForQuota, Verdict.RequestTooLargeForQuota, Verdict.RequestTooLargeForQuota);
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);

        var answer = await edge.NativeAsync();

        Assert.Equal((429, 3, "0"), (answer.Status, upstream.Keys.Count, answer.Header("x-key")));
        Assert.Equal(await UpstreamAnswers.Of(Verdict.RequestTooLargeForQuota).Content.ReadAsStringAsync(TestContext.Current.CancellationToken), answer.Body);
        Assert.Equal(Keys[0][^4..], answer.Header("x-gemini-edge-key-id"));
        Assert.Equal("upstream_rejected", Code(await edge.GenerateAsync()));
    }

    [Theory]
    [InlineData(Verdict.RequestTooLargeForQuota, Verdict.KeyInvalid, Verdict.RequestTooLargeForQuota)]
    [InlineData(Verdict.KeyInvalid, Verdict.KeyLeaked, Verdict.RequestTooLargeForQuota)]
    internal async Task TooLargeForQuota_OnEveryKeyThatIsNotDead_ReturnsTheFirstSuchAnswer(Verdict first, Verdict second, Verdict third)
    {
        using var upstream = Answering(first, second, third);
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);

        var answer = await edge.NativeAsync();

        Assert.Equal((429, 3), (answer.Status, upstream.Keys.Count));
    }

    [Theory]
    [InlineData(Verdict.RequestTooLargeForQuota, Verdict.QuotaMinute, Verdict.RequestTooLargeForQuota)]
    [InlineData(Verdict.Overloaded, Verdict.RequestTooLargeForQuota, Verdict.RequestTooLargeForQuota)]
    [InlineData(Verdict.Overloaded, Verdict.QuotaMinute, Verdict.KeyLeaked)]
    [InlineData(Verdict.ForbiddenUnknown, Verdict.ForbiddenUnknown, Verdict.ForbiddenUnknown)]
    [InlineData(Verdict.LocationUnsupported, Verdict.LocationUnsupported, Verdict.LocationUnsupported)]
    [InlineData(Verdict.UpstreamError, Verdict.UpstreamTimeout, Verdict.Overloaded)]
    [InlineData(Verdict.ModelUnavailable, Verdict.QuotaNone, Verdict.BillingExhausted)]
    internal async Task Failures_OnEveryKey_EndIn502ThatListsThem(Verdict first, Verdict second, Verdict third)
    {
        using var upstream = Answering(first, second, third);
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);

        var answer = await edge.GenerateAsync();

        Assert.Equal((502, "all_keys_failed", 3), (answer.Status, Code(answer), upstream.Keys.Count));
        Assert.Equal(
            [first, second, third],
            JsonNode.Parse(answer.Body)!["attempts"]!.AsArray().Select(a => Verdicts.Single(v => Consequence.Of(v).Name == a!["verdict"]!.GetValue<string>())));
        Assert.Contains(edge.Log, line => line.Contains("\"event\":\"all_keys_failed\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ResourceDenied_RequestNamesTheFile_AsksTheNextKey()
    {
        using var upstream = Answering(Verdict.ResourceDenied, Verdict.Ok, Verdict.Ok);
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);

        Assert.Equal(200, (await edge.SendAsync("/v1beta/models/a:generateContent", OfFile)).Status);
        Assert.Equal(200, (await edge.SendAsync("/v1beta/files/g", verb: "GET")).Status);

        Assert.Equal(4, upstream.Keys.Count);
        Assert.True(edge.Ring.Keys[0].Health.IsAvailable("a"));
    }

    [Fact]
    public async Task ResourceDenied_OnEveryKey_ReturnsTheFirstAnswer()
    {
        using var upstream = Answering(Verdict.ResourceDenied, Verdict.ResourceDenied, Verdict.ResourceDenied);
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);

        var answer = await edge.SendAsync("/v1beta/models/a:generateContent", OfFile);

        Assert.Equal((403, 3, "0"), (answer.Status, upstream.Keys.Count, answer.Header("x-key")));
    }

    [Fact]
    public async Task ResourceDenied_RequestNamesNone_ReturnsItAfterOneAttempt()
    {
        using var upstream = Answering(Verdict.ResourceDenied, Verdict.Ok, Verdict.Ok);
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);

        Assert.Equal((403, 1), ((await edge.NativeAsync()).Status, upstream.Keys.Count));
    }

    [Theory]
    [InlineData(Verdict.LocationUnsupported)]
    [InlineData(Verdict.ForbiddenUnknown)]
    internal async Task Refused_OnPrimaryAlone_LeavesPrimaryAvailable(Verdict verdict)
    {
        using var upstream = Answering(verdict, Verdict.Ok, Verdict.Ok);
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);

        Assert.Equal(200, (await edge.NativeAsync()).Status);
        Assert.Equal(200, (await edge.NativeAsync()).Status);

        Assert.Equal(2, upstream.Keys.Count(key => key == Keys[0]));
    }

    [Fact]
    public async Task CallerError_AlwaysTheSame_CostsOneAttemptAndNoKey()
    {
        using var upstream = Answering(Verdict.CallerError, Verdict.Ok, Verdict.Ok);
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);

        Assert.Equal(400, (await edge.NativeAsync()).Status);
        Assert.Equal("upstream_rejected", Code(await edge.GenerateAsync()));

        Assert.Equal([Keys[0], Keys[0]], upstream.Keys);
    }

    [Fact]
    public async Task KeysOfOneProject_FailAgainAndAgain_AreSaidToShareAQuotaOnce()
    {
        using var upstream = Answering(Verdict.ProjectDenied, Verdict.ProjectDenied, Verdict.Ok);
        using var edge = new InProcessEdge(Keys, upstream, _time, InProcessEdge.NoPatience);
        for (var i = 0; i < 5; i++)
        {
            await edge.NativeAsync();
            _time.Advance(TimeSpan.FromMinutes(15));
        }

        var line = Assert.Single(edge.Log, line => line.Contains("\"event\":\"keys_share_quota\"", StringComparison.Ordinal));
        Assert.Contains("""
            "key_id":"er-1","slot":"SECONDARY","other_key_id":"er-0","other_slot":"PRIMARY","project":"projects/123456789012"}
            """, line, StringComparison.Ordinal);
    }

    private static string? Code(EdgeAnswer answer) => JsonNode.Parse(answer.Body)!["code"]?.GetValue<string>();

    private static IEnumerable<Verdict> Verdicts => Enum.GetValues<Verdict>();

    private static FakeUpstream Answering(params Verdict[] ring) => new(call =>
    {
        var index = Array.IndexOf(Keys, call.Key);
        var answer = UpstreamAnswers.Of(ring[index]);
        answer.Headers.Add("x-key", $"{index}");
        return answer;
    });
}
