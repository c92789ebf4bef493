using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Endpoints;

/// <summary>Answers that contradict themselves about where they end, and answers that come before the request has been read.</summary>
public class FramingTests
{
    private static readonly string[] Ends = ["caller_error", "network"];

    [Theory]
    [InlineData("200 OK\r\nContent-Length: -5", "{}")]
    [InlineData("200 OK\r\nContent-Length: +2", "{}")]
    [InlineData("200 OK\r\nContent-Length: 2, 3", "{}x")]
    [InlineData("200 OK\r\nContent-Length: 2\r\nContent-Length: 3", "{}x")]
    [InlineData("200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked", "2\r\n{}\r\n0\r\n\r\n")]
    [InlineData("200 OK\r\nTransfer-Encoding: gzip, chunked", "2\r\n{}\r\n0\r\n\r\n")]
    [InlineData("200 OK\r\nContent-Length: 99999999999999999999", "{}")]
    [InlineData("204 No Content\r\nContent-Length: 5", "hello")]
    [InlineData("400 Bad Request\r\nContent-Length: -1", "{}")]
    public async Task Answer_ContradictsItself_IsAFailureOfTheNetwork(string head, string body)
    {
        await using var upstream = RawUpstream.Saying($"HTTP/1.1 {head}\r\nContent-Type: application/json\r\n\r\n{body}");
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_BASE_URL"] = upstream.Url, ["GeminiEdge:Patience"] = "00:00:00" } });

        using var response = await edge.Client.GetAsync("/v1beta/models");

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        var logged = await edge.Log.WaitForAsync("gemini_fail", 2);
        Assert.All(logged, line => Assert.Equal(("network", "protocol"), (line["verdict"]!.GetValue<string>(), line["network"]!.GetValue<string>())));
        Assert.Equal(2, upstream.Connections);
    }

    [Theory]
    [InlineData("204 No Content", 204)]
    [InlineData("204 No Content\r\nContent-Length: 0", 204)]
    [InlineData("304 Not Modified\r\nContent-Length: 5", 304)]
    public async Task Answer_HasNoBody_Passes(string head, int status)
    {
        await using var upstream = RawUpstream.Saying($"HTTP/1.1 {head}\r\n\r\n");
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_BASE_URL"] = upstream.Url } });

        using var response = await edge.Client.GetAsync("/v1beta/models");

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Upload_PromisesMoreThanThereCanBe_EndsWhenItIsAnswered()
    {
        await using var upstream = RawUpstream.Start(async (stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), stop);
            throw new IOException("Closed without reading on.");
        });
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_BASE_URL"] = upstream.Url } });
        using var caller = await RawHttp.ConnectAsync(edge);
        await caller.WriteAsync(RawHttp.Head(edge, "POST", "/upload/v1beta/files", $"Content-Length: {long.MaxValue}") + "\r\n" + new string('x', 500_000));
        for (var more = 0; more < 20 && edge.Log.Attempts.Count == 0; more++)
        {
            await caller.WriteAsync(new string('x', 500_000));
        }

        var logged = await edge.Log.WaitForAsync("attempt", 1);
        Assert.Contains(logged[0]["verdict"]!.GetValue<string>(), Ends);
    }

    // It closes with bytes unread, which resets the connection, or reads no more and waits.
    [Theory]
    [InlineData(400, true, true)]
    [InlineData(401, true, false)]
    [InlineData(400, false, true)]
    [InlineData(413, false, false)]
    public async Task Upload_IsAnsweredWhileItIsSent_TheAnswerReachesTheCaller(int status, bool closes, bool chunked)
    {
        var error = GeminiChunk.Error(status, "INVALID_ARGUMENT", "not this file");
        await using var upstream = RawUpstream.Start(async (stream, stop) =>
        {
            await stream.ReadExactlyAsync(new byte[100_000], stop);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} No\r\nContent-Type: application/json\r\nContent-Length: {error.Length}\r\n\r\n{error}"), stop);
            if (closes)
            {
                throw new IOException("Closed without reading on.");
            }

            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
        });
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_BASE_URL"] = upstream.Url } });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/upload/v1beta/files") { Content = new ByteArrayContent(new byte[40 << 20]) };
        request.Headers.TransferEncodingChunked = chunked ? true : null;

        using var response = await edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("not this file", JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!["message"]!.GetValue<string>());
        Assert.Equal(1, upstream.Connections);
    }
}
