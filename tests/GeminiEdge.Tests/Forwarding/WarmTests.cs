using System.Net;
using GeminiEdge.Failover;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>A connection that is there before the request: opened beside the first reading of the keys, and again after a pause.</summary>
public class WarmTests
{
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(50);
    private readonly TimersTime _time = new();

    [Fact]
    public async Task Start_NobodyAsks_OpensOneConnectionThatTheFirstRequestsTake()
    {
        await using var upstream = await TlsUpstream.StartAsync();
        await using var proxy = DelayingProxy.Start(upstream.Url, RoundTrip);
        await using var edge = await StartAsync(upstream, proxy.Url);

        await Eventually.IsAsync(() => upstream.Connections == 1);
        for (var request = 0; request < 3; request++)
        {
            await AssertAnsweredAsync(edge);
        }

        Assert.Equal((1, 1), (proxy.Accepted, upstream.Connections));
    }

    [Fact]
    public async Task Start_RequestComesBeforeTheConnectionIsOpen_WaitsForThatOne()
    {
        await using var upstream = await TlsUpstream.StartAsync();
        await using var proxy = DelayingProxy.Start(upstream.Url, RoundTrip);
        await using var edge = await StartAsync(upstream, proxy.Url);

        await AssertAnsweredAsync(edge);

        Assert.Equal(1, proxy.Accepted);
    }

    [Fact]
    public async Task Library_IsMade_OpensItsConnection()
    {
        await using var upstream = RawUpstream.Saying("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + TlsUpstream.Answer.Length + "\r\n\r\n" + TlsUpstream.Answer);
        using var client = new GeminiFailoverClient(new GeminiFailoverOptions { Keys = ["the-only-key-of-this-app-aaaa"], BaseUrl = new Uri(upstream.Url) });
        await Eventually.IsAsync(() => upstream.Accepted == 1);

        Assert.Equal("Hello", (await client.GenerateAsync("Say hello")).Text);
        Assert.Equal(1, upstream.Accepted);
    }

    [Fact]
    public async Task Spare_UpstreamClosesIt_RequestOpensOneOfItsOwn()
    {
        await using var upstream = await TlsUpstream.StartAsync();
        await using var edge = await StartAsync(upstream);
        await Eventually.IsAsync(() => upstream.Open == 1);
        await upstream.ResetAsync();

        await AssertAnsweredAsync(edge);

        Assert.Equal(2, upstream.Connections);
        await AssertOneAttemptAsync(edge);
    }

    [Fact]
    public async Task Spare_NobodyTakesItFor90Seconds_IsClosed()
    {
        await using var upstream = await TlsUpstream.StartAsync();
        await using var edge = await StartAsync(upstream);
        await Eventually.IsAsync(() => upstream.Open == 1);
        await _time.WaitAsync(UpstreamConnections.IdleTimeout);

        _time.Advance(UpstreamConnections.IdleTimeout);

        await Eventually.IsAsync(() => upstream.Open == 0);
    }

    [Fact]
    public async Task Pause_TrafficReturns_OpensOneForItAndOneBesideIt()
    {
        var gate = new TaskCompletionSource();
        var asked = 0;
        await using var upstream = await TlsUpstream.StartAsync(async context =>
        {
            if (Interlocked.Increment(ref asked) == 2)
            {
                await gate.Task;
            }

            await context.Response.WriteAsync(TlsUpstream.Answer);
        });
        await using var edge = await StartAsync(upstream);
        await AssertAnsweredAsync(edge);

        // What an upstream does with a connection that is idle; the handler's own idle timeout has no clock that a test could move.
        await upstream.ResetAsync();
        _time.Advance(UpstreamConnections.IdleTimeout);
        var held = edge.NativeAsync();
        await Eventually.IsAsync(() => upstream.Connections == 3);
        await AssertAnsweredAsync(edge);

        gate.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await held).StatusCode);
        Assert.Equal(3, upstream.Connections);
    }

    [Fact]
    public async Task NoPause_TrafficGoesOn_OpensNothingAhead()
    {
        await using var upstream = await TlsUpstream.StartAsync();
        await using var edge = await StartAsync(upstream);
        for (var request = 0; request < 5; request++)
        {
            await AssertAnsweredAsync(edge);
            _time.Advance(UpstreamConnections.IdleTimeout - TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1, upstream.Connections);
    }

    [Fact]
    public async Task Start_NobodyListensYet_IsSilentAndHarmsNothing()
    {
        var nobody = new Uri(RawUpstream.Nobody());
        await using var late = await TlsUpstream.StartAsync();
        await using var edge = await StartAsync(late, $"https://{nobody.Authority}");
        await Eventually.IsAsync(() => _time.HasBegun(new ForwardingOptions().ConnectTimeout));

        await using var upstream = await TlsUpstream.StartAsync(port: nobody.Port, certificateOf: late);
        await AssertAnsweredAsync(edge);

        await AssertOneAttemptAsync(edge);
    }

    [Fact]
    public async Task Start_UpstreamIsNotTrusted_OnlyARequestSaysSo()
    {
        await using var other = await TlsUpstream.StartAsync();
        await using var upstream = await TlsUpstream.StartAsync();
        await using var edge = await StartAsync(other, upstream.Url);
        await Eventually.IsAsync(() => _time.HasBegun(new ForwardingOptions().ConnectTimeout));
        Assert.Equal(HttpStatusCode.OK, (await edge.Client.GetAsync("/api/health", TestContext.Current.CancellationToken)).StatusCode);
        Assert.DoesNotContain(edge.Log.Lines, IsTrouble);

        Assert.Equal(HttpStatusCode.BadGateway, (await edge.NativeAsync()).StatusCode);
        Assert.All(await edge.Log.WaitForAsync("gemini_fail", 2), line => Assert.Equal("tls", line["network"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Start_NoKeyAnywhere_OpensNothing()
    {
        await using var upstream = await TlsUpstream.StartAsync();
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Time = _time, Trust = upstream.Trust, Keys = 0, Settings = { ["GEMINI_BASE_URL"] = upstream.Url } });

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await edge.NativeAsync()).StatusCode);

        Assert.Equal(0, upstream.Connections);
    }

    private Task<EdgeHost> StartAsync(TlsUpstream upstream, string? url = null) => EdgeHost.StartAsync(new EdgeSetup
    {
        Time = _time,
        Trust = upstream.Trust,
        Settings = { ["GEMINI_BASE_URL"] = url ?? upstream.Url, ["GeminiEdge:UpstreamHttp"] = "1.1", ["GeminiEdge:Patience"] = "00:00:00" },
    });

    private static async Task AssertAnsweredAsync(EdgeHost edge)
    {
        using var response = await edge.NativeAsync();
        Assert.Equal((HttpStatusCode.OK, TlsUpstream.Answer), (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }

    /// <summary>What was opened ahead is no attempt.</summary>
    private static async Task AssertOneAttemptAsync(EdgeHost edge)
    {
        Assert.Equal(1, (await edge.Log.WaitForAsync("gemini_ok"))["attempt"]!.GetValue<int>());
        Assert.DoesNotContain(edge.Log.Lines, IsTrouble);
    }

    private static bool IsTrouble(string line) =>
        line.Contains("gemini_fail", StringComparison.Ordinal) || !line.Contains("\"level\":\"info\"", StringComparison.Ordinal);
}
