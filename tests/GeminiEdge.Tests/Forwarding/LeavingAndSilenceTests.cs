using System.IO.Pipelines;
using System.Net;
using System.Text;
using GeminiEdge.Tests.Keys;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Forwarding;

public class LeavingAndSilenceTests
{
    private const string Model = "gemini-flash-latest";
    private const string Native = "/v1beta/models/gemini-flash-latest:streamGenerateContent?alt=sse";
    private static readonly string First = GeminiChunk.Event(GeminiChunk.Text("One"));

    [Theory]
    [InlineData(Native, false)]
    [InlineData(Native, true)]
    [InlineData("/api/generate", false)]
    [InlineData("/api/generate", true)]
    public async Task Client_Leaves_CancelsTheUpstreamAtOnceAndHarmsNoKey(string path, bool inMidStream)
    {
        var body = path == Native ? EdgeHost.Contents("Hi") : """{"prompt":"Hi","stream":true}""";
        await using var edge = await EdgeHost.StartAsync();
        var soonest = TimeSpan.MaxValue;
        for (var i = 1; i <= 5; i++)
        {
            var upstream = new GatedAnswer(ScriptedAnswer.EventStream);
            edge.Sandbox.OnRequest = upstream.AnswerAsync;
            using var leaving = new CancellationTokenSource();
            var pending = edge.Client.SendAsync(
                new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") },
                HttpCompletionOption.ResponseHeadersRead, leaving.Token);
            await upstream.Asked;
            if (inMidStream)
            {
                upstream.Send(First);
                var answer = await (await pending).Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
                await answer.ExpectAsync("data: ");
                pending = answer.CopyToAsync(Stream.Null, leaving.Token).ContinueWith(_ => new HttpResponseMessage(), TaskScheduler.Default);
            }

            var left = TimeProvider.System.GetTimestamp();
            await leaving.CancelAsync();
            var took = TimeProvider.System.GetElapsedTime(left, await upstream.Left);
            soonest = took < soonest ? took : soonest;
            var logged = (await edge.Log.WaitForAsync("gemini_cancel", i))[^1];
            Assert.Equal(("client_gone", inMidStream), (logged["verdict"]!.GetValue<string>(), logged["committed"]!.GetValue<bool>()));
        }

        // The best of five: other tests may keep the machine busy.
        Assert.InRange(soonest, TimeSpan.Zero, TimeSpan.FromMilliseconds(100));
        Assert.All(edge.Ring.Keys, key => Assert.True(key.Health.IsAvailable(Model)));
        Assert.Equal((5, 0), (edge.Log.Attempts.Count, edge.Secondary.RequestCount));
    }

    [Fact]
    public async Task NativeStream_IsSilentForTooLong_EndsUncleanlyAndHarmsNoKey()
    {
        var time = new FakeTimeProvider();
        var upstream = new ScriptedAnswer(ScriptedAnswer.EventStream);
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Time = time, Upstream = new ScriptedUpstream(upstream) });
        upstream.Send(First);
        using var response = await edge.NativeAsync("streamGenerateContent?alt=sse");
        await using var answer = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await answer.ExpectAsync(First);

        // As silent as a model that thinks, again and again, but never for too long.
        for (var i = 0; i < 10; i++)
        {
            await upstream.WaitUntilStarvedAsync();
            time.Advance(TimeSpan.FromSeconds(199));
            upstream.Send(First);
            await answer.ExpectAsync(First);
        }

        await upstream.WaitUntilStarvedAsync();
        time.Advance(TimeSpan.FromSeconds(200));

        Assert.False((await response.ReadAllAsync()).IsWhole);
        var logged = await edge.Log.WaitForAsync("gemini_fail");
        Assert.Equal(("upstream_timeout", true), (logged["verdict"]!.GetValue<string>(), logged["committed"]!.GetValue<bool>()));
        Assert.True(edge.Ring.Keys[0].Health.IsAvailable(Model));
    }

    [Fact]
    public async Task NativeStream_ClientTakesLongToRead_IsNoSilenceOfTheUpstream()
    {
        var time = new FakeTimeProvider();
        var answer = ScriptedAnswer.Of(ScriptedAnswer.EventStream, Enumerable.Repeat(Encoding.UTF8.GetBytes(First), 3));
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Time = time, Upstream = new ScriptedUpstream(answer) });
        var caller = new SlowCaller();

        var handling = HandleAsync(edge, caller);
        var received = new StringBuilder();
        while (await caller.ReadAsync() is { } text)
        {
            // What was read has not been taken yet, and so the edge is waiting for the caller.
            time.Advance(TimeSpan.FromMinutes(5));
            received.Append(text);
        }

        await handling;
        Assert.Equal(First + First + First, received.ToString());
        await edge.Log.WaitForAsync("gemini_ok");
    }

    private static async Task HandleAsync(EdgeHost edge, SlowCaller caller)
    {
        await edge.Services.GetRequiredService<Edge>().HandleAsync(caller.Context);
        await caller.CompleteAsync();
    }

    [Fact]
    public async Task Client_LeavesWhileTheEdgeWaitsForIt_CancelsTheUpstreamAtOnce()
    {
        await using var edge = await EdgeHost.StartAsync();
        var upstream = new GatedAnswer(ScriptedAnswer.EventStream);
        edge.Sandbox.OnRequest = upstream.AnswerAsync;
        var caller = new SlowCaller();
        using var leaving = new CancellationTokenSource();
        caller.Context.RequestAborted = leaving.Token;
        var handling = HandleAsync(edge, caller);
        upstream.Send(First);
        Assert.Equal(First, await caller.ReadAsync());

        var left = TimeProvider.System.GetTimestamp();
        await leaving.CancelAsync();

        // Long before anything would be given up for its silence.
        Assert.InRange(TimeProvider.System.GetElapsedTime(left, await upstream.Left), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        await handling;
        await edge.Log.WaitForAsync("gemini_cancel");
    }

    /// <summary>A caller that lets the edge go on only when it has taken the last piece.</summary>
    private sealed class SlowCaller : IHttpResponseBodyFeature
    {
        private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1));
        private SequencePosition? _taken;

        public SlowCaller()
        {
            Context = new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Loopback, LocalIpAddress = IPAddress.Loopback } };
            Context.Features.Set<IHttpResponseBodyFeature>(this);
            var request = Context.Features.GetRequiredFeature<IHttpRequestFeature>();
            (request.Method, request.RawTarget, request.Path, request.Protocol, request.Scheme) = ("POST", Native, Native.Split('?')[0], "HTTP/1.1", "http");
            request.Headers.Host = "127.0.0.1";
            request.Headers.ContentLength = 2;
            request.Body = new MemoryStream("{}"u8.ToArray());
        }

        public DefaultHttpContext Context { get; }

        public Stream Stream => Writer.AsStream();

        public PipeWriter Writer => _pipe.Writer;

        /// <summary>Takes what was read before and reads on; null at the end.</summary>
        public async Task<string?> ReadAsync()
        {
            if (_taken is { } taken)
            {
                _pipe.Reader.AdvanceTo(taken);
            }

            using var patience = new CancellationTokenSource(Patience.Limit);
            var result = await _pipe.Reader.ReadAsync(patience.Token);
            _taken = result.Buffer.End;
            return result.Buffer.IsEmpty ? null : Encoding.UTF8.GetString(result.Buffer);
        }

        public Task CompleteAsync() => _pipe.Writer.CompleteAsync().AsTask();

        public void DisableBuffering()
        {
        }

        public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;
    }
}
