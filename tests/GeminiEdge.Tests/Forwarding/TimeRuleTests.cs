using System.Net;
using System.Text.Json.Nodes;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Keys;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>How long a request may take, and what it gets when that is over.</summary>
public class TimeRuleTests
{
    private static readonly string[] Keys = ["AIzaTimeRuleTestKeyNumber-0", "AIzaTimeRuleTestKeyNumber-1", "AIzaTimeRuleTestKeyNumber-2"];
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Silence_AnotherKeyIsLeft_GoesOnThirtySecondsBeforeTheDeadline()
    {
        using var upstream = Silent(1);
        using var edge = new InProcessEdge(Keys[..2], upstream, _time, InProcessEdge.NoPatience);
        var answer = edge.NativeAsync();
        _time.Advance(TimeSpan.FromSeconds(170) - TimeSpan.FromTicks(1));
        Assert.Single(upstream.Keys);
        _time.Advance(TimeSpan.FromTicks(1));

        Assert.Equal((200, 2), ((await answer).Status, upstream.Keys.Count));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Silence_OnEveryKey_EndsAtTheDeadline(int keys)
    {
        using var upstream = Silent(keys);
        using var edge = new InProcessEdge(Keys[..keys], upstream, _time, InProcessEdge.NoPatience);
        var answer = edge.GenerateAsync();
        _time.Advance(TimeSpan.FromSeconds(170));
        _time.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromTicks(1));
        Assert.False(answer.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));

        // With three keys the third is left untried.
        Assert.Equal((504, "deadline_exceeded", Math.Min(keys, 2)), ((await answer).Status, Code(await answer), upstream.Keys.Count));
        Assert.All(edge.Ring.Keys, key => Assert.True(key.Health.IsAvailable("a")));
    }

    [Fact]
    public async Task Silence_ThenAnError_IsAllKeysFailedAndNotTheDeadline()
    {
        using var upstream = new FakeUpstream(call => call.Key == Keys[0] ? call.StaySilentAsync() : Task.FromResult(UpstreamAnswers.Of(Verdict.Overloaded)));
        using var edge = new InProcessEdge(Keys[..2], upstream, _time, InProcessEdge.NoPatience);
        var answer = edge.GenerateAsync();
        _time.Advance(TimeSpan.FromSeconds(170));

        Assert.Equal((502, "all_keys_failed"), ((await answer).Status, Code(await answer)));
    }

    [Fact]
    public async Task Silence_OtherKeysRest_LastsUntilTheDeadline()
    {
        using var upstream = new FakeUpstream(call => call.Key == Keys[0] ? Task.FromResult(UpstreamAnswers.Of(Verdict.KeyLeaked)) : call.StaySilentAsync());
        using var edge = new InProcessEdge(Keys[..2], upstream, _time, InProcessEdge.NoPatience);
        var answer = edge.GenerateAsync();
        _time.Advance(TimeSpan.FromSeconds(199));
        Assert.False(answer.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(504, (await answer).Status);
    }

    [Fact]
    public async Task ErrorBody_NeverEnds_IsJudgedByItsStatusAfterTenSeconds()
    {
        using var upstream = new FakeUpstream(call => call.Key == Keys[0] ? Cut.Endless("{\"error\": {", 503) : UpstreamAnswers.Of(Verdict.Ok));
        using var edge = new InProcessEdge(Keys[..2], upstream, _time, InProcessEdge.NoPatience);
        var answer = edge.NativeAsync();
        _time.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.False(answer.IsCompleted);
        _time.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(200, (await answer).Status);
        Assert.Contains(edge.Log, line => line.Contains("\"verdict\":\"overloaded\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ErrorBody_BreaksOff_IsJudgedByItsStatus()
    {
        using var upstream = new FakeUpstream(call => call.Key == Keys[0] ? Cut.Answer("{\"error\": {", 401) : UpstreamAnswers.Of(Verdict.Ok));
        using var edge = new InProcessEdge(Keys[..2], upstream, _time, InProcessEdge.NoPatience);

        Assert.Equal(200, (await edge.NativeAsync()).Status);
        Assert.False(edge.Ring.Keys[0].Health.IsAvailable("a"));
    }

    [Fact]
    public async Task Success_NeverBegins_GoesOnWithTheNextKey()
    {
        using var upstream = new FakeUpstream(call => call.Key == Keys[0] ? Cut.Endless("") : UpstreamAnswers.Of(Verdict.Ok));
        using var edge = new InProcessEdge(Keys[..2], upstream, _time, InProcessEdge.NoPatience);
        var answer = edge.NativeAsync();
        _time.Advance(TimeSpan.FromSeconds(170));

        Assert.Equal((200, 2), ((await answer).Status, upstream.Keys.Count));
    }

    [Fact]
    public void Connecting_ByDefault_MayTakeFiveSeconds()
    {
        var options = new ForwardingOptions();
        using var connections = new UpstreamConnections(options, TimeProvider.System);
        using var handler = UpstreamClient.CreateHandler(options, connections);

        Assert.Equal(TimeSpan.FromSeconds(5), handler.ConnectTimeout);
        Assert.Equal((TimeSpan.FromSeconds(200), TimeSpan.FromSeconds(30)), (options.Deadline, options.Reserve));
    }

    [Fact]
    public async Task Connecting_TakesTooLong_IsNothingSentSoAnyRequestGoesOn()
    {
        using var upstream = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromMilliseconds(20),
            ConnectCallback = async (_, cancellation) =>
            {
                var never = new TaskCompletionSource<Stream>();
                await using var end = cancellation.UnsafeRegister(_ => never.TrySetCanceled(cancellation), null);
                return await never.Task;
            },
        };
        using var edge = new InProcessEdge(Keys[..2], upstream, _time, InProcessEdge.NoPatience);

        var answer = await edge.SendAsync("/v1beta/models/a:predictLongRunning", "{}");

        Assert.Equal((502, "2"), (answer.Status, answer.Header("x-gemini-edge-attempts")));
    }

    [Fact]
    public async Task Connecting_IsRefused_IsNothingSentSoAnyRequestGoesOn()
    {
        using var handler = new SocketsHttpHandler();
        using var edge = new InProcessEdge(Keys[..2], handler, _time, new() { ["GEMINI_BASE_URL"] = "http://127.0.0.1:1", ["GeminiEdge:Patience"] = "00:00:00" });

        var answer = await edge.SendAsync("/v1beta/cachedContents", "{}");

        Assert.Equal((502, "2"), (answer.Status, answer.Header("x-gemini-edge-attempts")));
        Assert.All(edge.Ring.Keys, key => Assert.True(key.Health.IsAvailable("a")));
    }

    [Fact]
    public async Task Deadline_CallerSendsSlowly_BeginsWithTheLastByte()
    {
        using var upstream = new FakeUpstream(call => call.StaySilentAsync());
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Time = _time, Upstream = upstream, Keys = 1 });
        using var body = new SlowContent("""{"prompt":"Say hello"}""");
        var answer = edge.Client.PostAsync("/api/generate", body, TestContext.Current.CancellationToken);
        await body.HalfSent;
        _time.Advance(TimeSpan.FromSeconds(1000));
        body.SendTheRest();
        await UntilAsync(() => upstream.Keys.Count == 1);
        _time.Advance(TimeSpan.FromSeconds(199));
        Assert.False(answer.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(HttpStatusCode.GatewayTimeout, (await answer).StatusCode);
    }

    [Fact]
    public async Task Deadline_UploadBytesFlowSlowly_BeginsWithTheLastByte()
    {
        var sent = new TaskCompletionSource();
        using var upstream = new FakeUpstream(async call =>
        {
            await call.ReadBodyAsync();
            sent.SetResult();
            return await call.StaySilentAsync();
        });
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Time = _time, Upstream = upstream, Keys = 1 });
        using var body = new SlowContent("bytes of a film");
        var answer = edge.Client.PutAsync(
            $"/upload/v1beta/files?upload_id=1&{CredentialQuery.KeyIdParameter}={edge.Primary.Value[^4..]}", body, TestContext.Current.CancellationToken);
        await body.HalfSent;
        await UntilAsync(() => upstream.Keys.Count == 1);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.False(answer.IsCompleted);
        body.SendTheRest();
        await sent.Task;
        _time.Advance(TimeSpan.FromSeconds(199));
        Assert.False(answer.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("outcome_unknown", (await EdgeHost.JsonAsync(await answer))["error"]!["details"]![0]!["reason"]!.GetValue<string>());
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Yield();
        }
    }

    private static string? Code(EdgeAnswer answer) => JsonNode.Parse(answer.Body)!["code"]?.GetValue<string>();

    /// <summary>The first keys stay silent, the others answer.</summary>
    private static FakeUpstream Silent(int keys) => new(call =>
        Array.IndexOf(Keys, call.Key) < keys ? call.StaySilentAsync() : Task.FromResult(UpstreamAnswers.Of(Verdict.Ok)));
}
