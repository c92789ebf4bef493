using System.Net;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Endpoints;

public class HeaderFloodTests
{
    [Theory]
    [InlineData(200, 10, 431)]
    [InlineData(90, 1_000, 431)]
    [InlineData(1, 100_000, 431)]
    public async Task Headers_TooManyOrTooLarge_AreRefusedAndTheServerLivesOn(int count, int size, int status)
    {
        await using var edge = await EdgeHost.StartAsync();
        var flood = Enumerable.Range(0, count).Select(i => $"x-{i}: {new string('a', size)}").ToArray();

        var answer = await RawHttp.SendAsync(edge, "GET", "/v1beta/models", flood);

        // The server may close before it has read everything, which takes the answer along.
        Assert.True(answer.Status == status || !answer.IsWhole, answer.Head);
        Assert.Empty(edge.Sandbox.Requests);
        Assert.Equal(HttpStatusCode.OK, (await edge.GenerateAsync()).StatusCode);
    }

    [Theory]
    [InlineData("GET /" + "{a*}" + " HTTP/1.1\r\n\r\n")]
    [InlineData("\r\n\r\nnonsense\r\n\r\n")]
    [InlineData("GET / HTTP/9.9\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("G\u0000T / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n")]
    [InlineData("POST /api/generate HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST /api/generate HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")]
    [InlineData("POST /api/generate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nab")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003")]
    public async Task Request_IsNotHttp_IsRefusedAndTheServerLivesOn(string bytes)
    {
        await using var edge = await EdgeHost.StartAsync();

        var answer = await RawHttp.ExchangeAsync(edge, bytes.Replace("{a*}", new string('a', 100_000), StringComparison.Ordinal));

        Assert.InRange(answer.Status, 0, 505);
        Assert.NotEqual(200, answer.Status);
        Assert.Empty(edge.Sandbox.Requests);
        Assert.Equal(HttpStatusCode.OK, (await edge.GenerateAsync()).StatusCode);
    }

    // A client of HTTP/2 offers it on plain http; only a WebSocket can't be had.
    [Theory]
    [InlineData("h2c", 200)]
    [InlineData("TLS/1.0", 200)]
    [InlineData("websocket", 404)]
    [InlineData("WebSocket", 404)]
    [InlineData("h2c, websocket", 404)]
    public async Task Upgrade_IsOffered_IsIgnoredUnlessItIsTheLiveApi(string protocol, int status)
    {
        await using var edge = await EdgeHost.StartAsync();

        var get = await RawHttp.ExchangeAsync(edge,
            $"GET /v1beta/models HTTP/1.1\r\nHost: {edge.Url.Authority}\r\nConnection: Upgrade, close\r\nUpgrade: {protocol}\r\n\r\n");

        Assert.Equal(status, get.Status);
        if (status == 404)
        {
            EdgeErrors.AssertGoogle(get, 404, "live_not_supported");
            Assert.Empty(edge.Sandbox.Requests);
        }
    }

    [Fact]
    public async Task Upgrade_ToHttp2WithABody_IsIgnored()
    {
        await using var edge = await EdgeHost.StartAsync();
        var body = EdgeHost.Contents("Say hello");

        var answer = await RawHttp.ExchangeAsync(edge,
            $"POST /v1beta/models/gemini-flash-latest:generateContent HTTP/1.1\r\nHost: {edge.Url.Authority}\r\nConnection: Upgrade, HTTP2-Settings, close\r\n"
            + $"Upgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");

        Assert.Equal(200, answer.Status);
    }

    [Theory]
    [InlineData("/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=x")]
    [InlineData("/ws/")]
    public async Task LiveApi_ItsAddress_SaysThatItIsNotSupported(string target)
    {
        await using var edge = await EdgeHost.StartAsync();

        EdgeErrors.AssertGoogle(await RawHttp.SendAsync(edge, "GET", target), 404, "live_not_supported");
    }
}
