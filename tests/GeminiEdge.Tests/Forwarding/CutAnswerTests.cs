using System.Net;
using System.Net.Sockets;
using System.Text;
using GeminiEdge.Tests.Keys;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Forwarding;

public class CutAnswerTests
{
    private static readonly string Large = new('x', 80 * 1024);

    public static TheoryData<string, string> Beginnings => new()
    {
        { ScriptedAnswer.EventStream, GeminiChunk.Event(GeminiChunk.Text("One")) },
        { ScriptedAnswer.EventStream, GeminiChunk.Event(GeminiChunk.Text("One")) + "data: {\"candidates\":" },
        { ScriptedAnswer.Json, "[" + GeminiChunk.Text("One") },
        { ScriptedAnswer.Json, "[" + GeminiChunk.Text("One") + ",\r\n" },
        { ScriptedAnswer.Json, "{\"text\":\"" + Large },
    };

    [Theory]
    [MemberData(nameof(Beginnings))]
    public async Task Answer_UpstreamCutsAfterTheFirstPiece_IsNoCleanEnd(string contentType, string beginning)
    {
        foreach (var length in new long?[] { null, beginning.Length + 100 })
        {
            await using var edge = await EdgeHost.StartAsync();
            var upstream = Gate(edge, contentType, length);
            upstream.Send(beginning);
            using var response = await edge.NativeAsync("streamGenerateContent");
            await (await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)).ExpectAsync(beginning);

            upstream.Cut();

            Assert.False((await response.ReadAllAsync()).IsWhole);
            var logged = await edge.Log.WaitForAsync("gemini_fail");
            Assert.Equal(("network", true), (logged["verdict"]!.GetValue<string>(), logged["committed"]!.GetValue<bool>()));
            Assert.True(edge.Ring.Keys[0].Health.IsAvailable("gemini-flash-latest"));
            Assert.Equal(0, edge.Secondary.RequestCount);
        }
    }

    [Fact]
    public async Task Answer_UpstreamCuts_NeverEndsWithTheLastChunk()
    {
        await using var edge = await EdgeHost.StartAsync();
        var upstream = Gate(edge, ScriptedAnswer.EventStream);
        using var client = new TcpClient();
        await client.ConnectAsync(edge.Url.Host, edge.Url.Port, TestContext.Current.CancellationToken);
        await using var connection = client.GetStream();
        await connection.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /v1beta/models/m:streamGenerateContent?alt=sse HTTP/1.1\r\nHost: {edge.Url.Authority}\r\nContent-Length: 2\r\n\r\n{{}}"), TestContext.Current.CancellationToken);
        upstream.Send(GeminiChunk.Event(GeminiChunk.Text("One")));
        var received = await ReadUntilAsync(connection, "One");

        upstream.Cut();

        received += await ReadUntilAsync(connection, null);
        Assert.Contains("Transfer-Encoding: chunked", received, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("\r\n0\r\n", received, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ScriptedAnswer.Json, "{\"candidates\":[", "generateContent")]
    [InlineData(ScriptedAnswer.Json, "{\"totalTokens\": 1", "countTokens")]
    [InlineData(ScriptedAnswer.Json, "[{\"candidates\":[", "streamGenerateContent")]
    [InlineData(ScriptedAnswer.EventStream, "data: {\"candidates\":[", "streamGenerateContent?alt=sse")]
    [InlineData(ScriptedAnswer.EventStream, "", "streamGenerateContent?alt=sse")]
    public async Task Answer_UpstreamCutsTheFirstPiece_FailsOver(string contentType, string beginning, string action)
    {
        foreach (var length in new long?[] { null, beginning.Length + 100 })
        {
            await using var edge = await EdgeHost.StartAsync();
            var upstream = Gate(edge, contentType, length);
            upstream.Send(beginning);
            upstream.Cut();

            using var response = await edge.NativeAsync(action);

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.True((await response.ReadAllAsync()).IsWhole);
            Assert.Equal(edge.Secondary.Value[^4..], response.Header("x-gemini-edge-key-id"));
            Assert.Equal("network", (await edge.Log.WaitForAsync("gemini_fail"))["verdict"]!.GetValue<string>());
        }
    }

    public static TheoryData<string, string, bool, bool> Ends => new()
    {
        // What, whether only the connection's end ends it, and whether it is whole.
        { ScriptedAnswer.EventStream, GeminiChunk.Event(GeminiChunk.Text("One")) + "data: {\"candidates\":", true, false },
        { ScriptedAnswer.EventStream, GeminiChunk.Event(GeminiChunk.Text("One")) + "data: {\"candidates\":", false, false },
        { ScriptedAnswer.EventStream, GeminiChunk.Event(GeminiChunk.Text("One")), true, false },
        { ScriptedAnswer.EventStream, GeminiChunk.Event(GeminiChunk.Text("One")), false, true },
        { ScriptedAnswer.EventStream, GeminiChunk.Event(GeminiChunk.Text("One")) + GeminiChunk.Event(GeminiChunk.Parts("[]", "STOP")), true, true },
        { ScriptedAnswer.EventStream, GeminiChunk.Event(GeminiChunk.Text("One")) + GeminiChunk.Event(GeminiChunk.Parts("[]", "STOP")).TrimEnd(), true, true },
        { ScriptedAnswer.EventStream, GeminiChunk.Event("""{"promptFeedback":{"blockReason":"SAFETY"}}"""), true, true },
        { ScriptedAnswer.Json, $"[{GeminiChunk.Text("One")},\r\n{{\"candidates\":", true, false },
        { ScriptedAnswer.Json, $"[{GeminiChunk.Text("One")},\r\n{{\"candidates\":", false, false },
        { ScriptedAnswer.Json, $"[{GeminiChunk.Text("One")},\r\n{GeminiChunk.Parts("[]", "STOP")}", true, false },
        { ScriptedAnswer.Json, $"[{GeminiChunk.Text("One")},\r\n{GeminiChunk.Parts("[]", "STOP")}\r\n]", true, true },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Answer_EndsCleanlyInTheMiddle_IsNoCleanEnd(string contentType, string body, bool endsWithConnection, bool isWhole)
    {
        var (framing, framed) = endsWithConnection ? ("Connection: close", body) : ("Transfer-Encoding: chunked", $"{body.Length:x}\r\n{body}\r\n0\r\n\r\n");
        await using var upstream = RawUpstream.Saying($"HTTP/1.1 200 OK\r\nContent-Type: {contentType}\r\n{framing}\r\n\r\n{framed}");
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_BASE_URL"] = upstream.Url } });

        Assert.Equal(isWhole, await IsWholeAsync(edge, "streamGenerateContent"));
        var logged = await edge.Log.WaitForAsync(isWhole ? "gemini_ok" : "gemini_fail");
        Assert.Equal(isWhole ? ("ok", null) : ("network", "cut"), (logged["verdict"]!.GetValue<string>(), (string?)logged["network"]));
    }

    [Theory]
    [InlineData("\"}", true)]
    [InlineData("\"", false)]
    public async Task Answer_LargerThanWhatIsLookedAt_EndsWithItsConnection(string end, bool isWhole)
    {
        await using var upstream = RawUpstream.Saying($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{{\"text\":\"{Large}{end}");
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_BASE_URL"] = upstream.Url } });

        Assert.Equal(isWhole, await IsWholeAsync(edge));
    }

    [Fact]
    public async Task Answer_OfAProjectsResourceIsCut_IsUnknownInsteadOfCut()
    {
        await using var edge = await EdgeHost.StartAsync();
        var upstream = Gate(edge, ScriptedAnswer.Json);
        upstream.Send("{\"name\": \"files/abc\",");
        upstream.Cut();

        using var response = await edge.Client.GetAsync("/v1beta/files/abc", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal("outcome_unknown", (await EdgeHost.JsonAsync(response))["error"]!["details"]![0]!["reason"]!.GetValue<string>());
        Assert.Equal(0, edge.Secondary.RequestCount);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(1000)]
    public async Task Error_UpstreamCutsItsBody_IsNoCleanEnd(int? length)
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Sandbox.OnRequest = async context =>
        {
            context.Response.StatusCode = 400;
            context.Response.ContentType = ScriptedAnswer.Json;
            context.Response.ContentLength = length;
            await context.Response.WriteAsync("{\"error\": {\"code\": 400, \"message\": \"It is");
            await context.Response.Body.FlushAsync();
            throw new IOException("The test cut the answer.");
        };

        Assert.False(await IsWholeAsync(edge));
        Assert.Equal("caller_error", (await edge.Log.WaitForAsync("gemini_reject"))["verdict"]!.GetValue<string>());
    }

    private static async Task<bool> IsWholeAsync(EdgeHost edge, string action = "generateContent")
    {
        try
        {
            using var response = await edge.NativeAsync(action);
            return (await response.ReadAllAsync()).IsWhole;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Answers PRIMARY; the other keys work.</summary>
    private static GatedAnswer Gate(EdgeHost edge, string contentType, long? length = null)
    {
        var upstream = new GatedAnswer(contentType) { Length = length };
        edge.Sandbox.OnRequest = context =>
            context.Request.Headers["x-goog-api-key"] == edge.Primary.Value ? upstream.AnswerAsync(context) : Task.FromResult(false);
        return upstream;
    }

    private static async Task<string> ReadUntilAsync(NetworkStream connection, string? text)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        var received = "";
        var buffer = new byte[4096];
        while (text is null || !received.Contains(text, StringComparison.Ordinal))
        {
            try
            {
                var count = await connection.ReadAsync(buffer, patience.Token);
                if (count == 0)
                {
                    break;
                }

                received += Encoding.UTF8.GetString(buffer, 0, count);
            }
            catch (IOException)
            {
                break;
            }
        }

        return received;
    }
}
