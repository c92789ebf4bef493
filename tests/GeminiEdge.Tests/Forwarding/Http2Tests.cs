using System.Net;
using System.Text;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>The same rules where the upstream is spoken to in HTTP/2, and many requests share a connection.</summary>
public class Http2Tests
{
    private static readonly byte[] Answer = Encoding.ASCII.GetBytes(TlsUpstream.Answer);

    [Fact]
    public async Task ManyRequests_AtOnce_ShareTheConnectionThatWasOpenAtStart()
    {
        var all = new TaskCompletionSource();
        var waiting = 0;
        await using var upstream = await UpstreamAsync(async context =>
        {
            Assert.Equal("HTTP/2", context.Request.Protocol);
            if (context.Request.Path.Value!.Contains("/first:", StringComparison.Ordinal))
            {
                await context.Response.WriteAsync(TlsUpstream.Answer);
                return;
            }

            if (Interlocked.Increment(ref waiting) == 20)
            {
                all.SetResult();
            }

            await all.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync(TlsUpstream.Answer);
        });
        await using var edge = await StartAsync(upstream);
        await Eventually.IsAsync(() => upstream.Connections == 1);

        // The pool has the connection from then on; of those who come while it is handing one over, it may open another for somebody.
        (await edge.NativeAsync(model: "first")).EnsureSuccessStatusCode();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => edge.NativeAsync()));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal(1, upstream.Connections);
    }

    [Fact]
    public async Task Upstream_SpeaksOnlyHttp11_IsSpokenToInHttp11()
    {
        await using var upstream = await TlsUpstream.StartAsync(context => context.Response.WriteAsync(TlsUpstream.Answer), HttpProtocols.Http1);
        await using var edge = await StartAsync(upstream);

        Assert.Equal(HttpStatusCode.OK, (await edge.NativeAsync()).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await edge.NativeAsync()).StatusCode);
        Assert.Equal(1, upstream.Connections);
    }

    [Theory]
    [InlineData(null, "HTTP/2")]
    [InlineData("2", "HTTP/2")]
    [InlineData("1.1", "HTTP/1.1")]
    public async Task Setting_SaysWhich(string? version, string expected)
    {
        var protocol = "";
        await using var upstream = await UpstreamAsync(context =>
        {
            protocol = context.Request.Protocol;
            return context.Response.WriteAsync(TlsUpstream.Answer);
        });
        await using var edge = await StartAsync(upstream, version);

        Assert.Equal(HttpStatusCode.OK, (await edge.NativeAsync()).StatusCode);
        Assert.Equal(expected, protocol);
    }

    [Fact]
    public async Task Upload_OfAnyLength_GoesOnAConnectionOfItsOwn()
    {
        var protocol = "";
        await using var upstream = await UpstreamAsync(async context =>
        {
            protocol = context.Request.Protocol;
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            await context.Response.WriteAsync("{}");
        });
        await using var edge = await StartAsync(upstream);

        using var bytes = new ByteArrayContent(new byte[100_000]);
        using var answer = await edge.Client.PostAsync($"/upload/v1beta/files?upload_id=u&gemini_edge_key_id={edge.Primary.Value[^4..]}", bytes, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, "HTTP/1.1"), (answer.StatusCode, protocol));
    }

    [Fact]
    public async Task Key_IsRefused_NextOneAnswers()
    {
        var keys = new List<string>();
        await using var upstream = await UpstreamAsync(context =>
        {
            keys.Add(context.Request.Headers["x-goog-api-key"].ToString());
            context.Response.StatusCode = keys.Count == 1 ? 429 : 200;
            return context.Response.WriteAsync(keys.Count == 1 ? """{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"x"}}""" : TlsUpstream.Answer);
        });
        await using var edge = await StartAsync(upstream);

        Assert.Equal(HttpStatusCode.OK, (await edge.NativeAsync()).StatusCode);
        Assert.Equal([edge.Primary.Value, edge.Secondary.Value], keys);
    }

    [Fact]
    public async Task Stream_ComesPieceByPiece()
    {
        var next = new SemaphoreSlim(0);
        await using var upstream = await UpstreamAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            for (var piece = 0; piece < 3; piece++)
            {
                await context.Response.WriteAsync(GeminiChunk.Event(GeminiChunk.Text($"piece {piece}")));
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await next.WaitAsync(context.RequestAborted);
            }
        });
        await using var edge = await StartAsync(upstream);

        using var answer = await edge.NativeAsync("streamGenerateContent?alt=sse");
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        for (var piece = 0; piece < 3; piece++)
        {
            string? line;
            while ((line = await reader.ReadLineAsync(TestContext.Current.CancellationToken))?.Contains($"piece {piece}", StringComparison.Ordinal) != true)
            {
                Assert.NotNull(line);
            }

            next.Release();
        }
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    public async Task Caller_Leaves_UpstreamSeesItAtOnce(string version)
    {
        var gone = new TaskCompletionSource<long>();
        await using var upstream = await UpstreamAsync(async context =>
        {
            context.RequestAborted.Register(() => gone.TrySetResult(TimeProvider.System.GetTimestamp()));
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(GeminiChunk.Event(GeminiChunk.Text("Once")));
            await context.Response.Body.FlushAsync();
            await gone.Task;
        });
        await using var edge = await StartAsync(upstream, version);
        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1beta/models/a:streamGenerateContent?alt=sse") { Content = new StringContent(EdgeHost.Contents("x"), Encoding.UTF8, "application/json") };
        using var answer = await edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leaving.Token);

        await using var stream = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var buffer = new byte[4096];
        Assert.NotEqual(0, await stream.ReadAsync(buffer, TestContext.Current.CancellationToken));
        var more = stream.ReadAsync(buffer, leaving.Token);

        var left = TimeProvider.System.GetTimestamp();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => more.AsTask());

        var seen = await gone.Task.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
        Assert.InRange(TimeProvider.System.GetElapsedTime(left, seen).TotalMilliseconds, 0, 1000);
        if (version == "2")
        {
            // Nobody else lost a connection.
            Assert.Equal(1, upstream.Open);
        }
    }

    [Fact]
    public async Task GoAway_AnswersUnderWay_FinishAndTheNextHasAnotherConnection()
    {
        var go = new TaskCompletionSource();
        await using var upstream = await UpstreamAsync(async context =>
        {
            if (context.Request.Path.Value!.Contains("/first:", StringComparison.Ordinal))
            {
                context.Features.GetRequiredFeature<Microsoft.AspNetCore.Connections.Features.IConnectionLifetimeNotificationFeature>().RequestClose();
                await go.Task;
            }

            await context.Response.WriteAsync(TlsUpstream.Answer);
        });
        await using var edge = await StartAsync(upstream);
        var first = edge.NativeAsync(model: "first");
        HttpResponseMessage next;
        do
        {
            next = await edge.NativeAsync();
            Assert.Equal(HttpStatusCode.OK, next.StatusCode);
        }
        while (upstream.Connections == 1);

        go.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await first).StatusCode);
        Assert.DoesNotContain(edge.Log.Lines, line => line.Contains("gemini_fail", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Upstream_AnswersBeforeItHasReadTheBody_ItsWordCounts()
    {
        await using var upstream = await UpstreamAsync(context =>
        {
            context.Response.StatusCode = 413;
            return context.Response.WriteAsync("""{"error":{"code":413,"status":"INVALID_ARGUMENT","message":"Too large."}}""");
        });
        await using var edge = await StartAsync(upstream);

        using var answer = await edge.NativeAsync(prompt: new string('x', 4_000_000));

        Assert.Equal(413, (int)answer.StatusCode);
        Assert.Equal("1", answer.Headers.GetValues("x-gemini-edge-attempts").Single());
    }

    private static Task<TlsUpstream> UpstreamAsync(RequestDelegate answer) => TlsUpstream.StartAsync(answer, HttpProtocols.Http1AndHttp2);

    private static Task<EdgeHost> StartAsync(TlsUpstream upstream, string? version = "2") => StartAsync(upstream.Url, upstream.Trust, version);

    private static Task<EdgeHost> StartAsync(string url, System.Security.Cryptography.X509Certificates.X509ChainPolicy trust, string? version) => EdgeHost.StartAsync(new EdgeSetup
    {
        Trust = trust,
        Settings = { ["GEMINI_BASE_URL"] = url, ["GeminiEdge:UpstreamHttp"] = version, ["GeminiEdge:Patience"] = "00:00:00" },
    });
}
