using System.Net;
using System.Text;
using GeminiEdge.Endpoints;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Endpoints;

/// <summary>While the model thinks, a comment now and then keeps the connection of a stream open.</summary>
public class SignOfLifeTests
{
    private const string Comment = ": the model is still at work\n\n";
    private static readonly string Once = GeminiChunk.Event(GeminiChunk.Text("Once"));
    private static readonly string End = GeminiChunk.Event(GeminiChunk.Text(" upon", "STOP"));

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Stream_ModelThinksForAMinute_SendsACommentEachFifteenSecondsAndTheWholeAnswer()
    {
        var upstream = new ScriptedAnswer(ScriptedAnswer.EventStream);
        await using var edge = await StartAsync(upstream);
        upstream.Send(Once);
        using var response = await edge.GenerateAsync(stream: true);
        await using var answer = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await answer.ExpectAsync("data: {\"text\":\"Once\"}\n\n");

        await upstream.WaitUntilStarvedAsync();
        for (var i = 0; i < 4; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(14.9));
            _time.Advance(TimeSpan.FromSeconds(0.1));
            await answer.ExpectAsync(Comment);
        }

        _time.Advance(TimeSpan.FromSeconds(6));
        upstream.Send(End);
        upstream.End();
        await answer.ExpectAsync("data: {\"text\":\" upon\"}\n\nevent: done\n");
        await edge.Log.WaitForAsync("gemini_ok");
    }

    [Fact]
    public async Task Stream_NeverSilentForSoLong_SendsNoComment()
    {
        var upstream = new ScriptedAnswer(ScriptedAnswer.EventStream);
        await using var edge = await StartAsync(upstream);
        upstream.Send(Once);
        using var response = await edge.GenerateAsync(stream: true);
        for (var i = 0; i < 5; i++)
        {
            await upstream.WaitUntilStarvedAsync();
            _time.Advance(TimeSpan.FromSeconds(14.9));
            upstream.Send(Once);
        }

        await upstream.WaitUntilStarvedAsync();
        upstream.Send(End);
        upstream.End();

        Assert.Equal(
            string.Concat(Enumerable.Repeat("data: {\"text\":\"Once\"}\n\n", 6)) + "data: {\"text\":\" upon\"}\n\n",
            Encoding.UTF8.GetString((await response.ReadAllAsync()).Bytes).Split("event: done")[0]);
    }

    // Thoughts come from Gemini and go no further: the caller's line is silent all the same.
    [Fact]
    public async Task Stream_OnlyThoughtsCome_SendsACommentToo()
    {
        var upstream = new ScriptedAnswer(ScriptedAnswer.EventStream);
        await using var edge = await StartAsync(upstream);
        var thought = GeminiChunk.Event(GeminiChunk.Parts("""[{"text":"hm","thought":true}]"""));
        upstream.Send(thought);
        using var response = await edge.GenerateAsync(stream: true);
        await using var answer = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < 3; i++)
        {
            await upstream.WaitUntilStarvedAsync();
            _time.Advance(TimeSpan.FromSeconds(10));
            upstream.Send(thought);
        }

        await upstream.WaitUntilStarvedAsync();
        await answer.ExpectAsync(Comment);
        upstream.Send(End);
        upstream.End();
        Assert.Contains("data: {\"text\":\" upon\"}\n\n", await new StreamReader(answer).ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    // Before it, a comment would end the right to try another key.
    [Fact]
    public async Task Stream_SilentBeforeItsFirstByte_SendsNothingAndFailsOver()
    {
        var asked = new SemaphoreSlim(0);
        using var upstream = new FakeUpstream(async call =>
        {
            asked.Release();
            return call.Key == "the-first-key-of-two-aaaa" ? await call.StaySilentAsync() : new HttpResponseMessage
            {
                Content = new StringContent(Once + End, Encoding.UTF8, ScriptedAnswer.EventStream),
            };
        });
        using var edge = new InProcessEdge(["the-first-key-of-two-aaaa", "the-other-key-of-two-bbbb"], upstream, _time);

        var pending = edge.SendAsync("/api/generate", """{"prompt":"Hi","stream":true}""");
        await asked.WaitAsync(Patience.Limit);
        _time.Advance(TimeSpan.FromSeconds(100));
        _time.Advance(TimeSpan.FromSeconds(70));
        var answer = await pending.WaitAsync(Patience.Limit);

        Assert.Equal((200, "2"), (answer.Status, answer.Header("x-gemini-edge-attempts")));
        Assert.StartsWith("data: {\"text\":\"Once\"}\n\ndata: {\"text\":\" upon\"}\n\nevent: done\n", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_CallerLeavesInTheSilence_CancelsTheUpstream()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Time = _time });
        var upstream = new GatedAnswer(ScriptedAnswer.EventStream);
        edge.Sandbox.OnRequest = upstream.AnswerAsync;
        upstream.Send(Once);
        using (var response = await edge.GenerateAsync(stream: true))
        {
            await using var answer = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            await answer.ExpectAsync("data: {\"text\":\"Once\"}\n\n");
            await Eventually.IsAsync(() =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return _time.GetUtcNow() - _time.Start > TimeSpan.FromSeconds(20);
            });
            await answer.ExpectAsync(Comment);
        }

        await upstream.Left;
        var logged = await edge.Log.WaitForAsync("gemini_cancel");
        Assert.True(logged["committed"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Whole_AndNative_HaveNoComments()
    {
        var upstream = new ScriptedAnswer(ScriptedAnswer.EventStream);
        await using var edge = await StartAsync(upstream);
        upstream.Send(Once);
        using var response = await edge.NativeAsync("streamGenerateContent?alt=sse");
        await using var answer = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await answer.ExpectAsync(Once);

        await upstream.WaitUntilStarvedAsync();
        _time.Advance(TimeSpan.FromSeconds(66));
        upstream.Send(End);
        upstream.End();

        await answer.ExpectAsync(End);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Watch_ReadEndsWhileTheSignIsWritten_SaysSoAtOnce()
    {
        using var watch = new SilenceWatch(_time);
        var reading = new TaskCompletionSource();
        var first = watch.WaitAsync(reading.Task);
        _time.Advance(SilenceWatch.Limit);
        Assert.False(await first);

        reading.SetResult();
        var second = watch.WaitAsync(reading.Task);

        Assert.True(second.IsCompleted && await second);
    }

    [Fact]
    public async Task Watch_OneReadAfterAnother_TellsEachOfItsOwn()
    {
        using var watch = new SilenceWatch(_time);
        for (var i = 0; i < 3; i++)
        {
            var reading = new TaskCompletionSource();
            var waiting = watch.WaitAsync(reading.Task);
            Assert.False(waiting.IsCompleted);
            reading.SetResult();
            Assert.True(await waiting);
        }
    }

    [Fact]
    public async Task Watch_ReadIsSlowerThanSomethingSent_CountsFromThere()
    {
        using var watch = new SilenceWatch(_time);
        var waiting = watch.WaitAsync(new TaskCompletionSource().Task);
        _time.Advance(TimeSpan.FromSeconds(10));
        watch.Sent();
        _time.Advance(TimeSpan.FromSeconds(14));
        Assert.False(waiting.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.False(await waiting);
    }

    [Fact]
    public async Task Watch_ThousandsOfReadsAndSignsAtOnce_LoseNoneAndTellEachOnce()
    {
        var time = new JumpyTimer();
        using var watch = new SilenceWatch(time);
        var (ended, signs) = (0, 0);
        using var stop = new CancellationTokenSource();
        var ticking = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                time.Fire();
            }
        });
        for (var i = 0; i < 20_000; i++)
        {
            var reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            ThreadPool.UnsafeQueueUserWorkItem(static reading => reading.SetResult(), reading, preferLocal: false);
            while (!await watch.WaitAsync(reading.Task).AsTask().WaitAsync(Patience.Limit))
            {
                signs++;
                watch.Sent();
            }

            Assert.True(reading.Task.IsCompleted);
            ended++;
        }

        await stop.CancelAsync();
        await ticking;
        Assert.Equal(20_000, ended);
        Assert.NotEqual(0, signs);
    }

    [Fact]
    public async Task Watch_ReadsThatNeverWait_CostNoTimer()
    {
        var upstream = ScriptedAnswer.Of(ScriptedAnswer.EventStream, Encoding.UTF8.GetBytes(Once), Encoding.UTF8.GetBytes(End));
        var time = new JumpyTimer();
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Upstream = new ScriptedUpstream(upstream), Time = time });

        Assert.Equal("Once upon", (await (await edge.GenerateAsync(stream: true)).ReadEventsAsync()).Text());

        Assert.Equal(0, time.Watches);
    }

    private Task<EdgeHost> StartAsync(ScriptedAnswer upstream) =>
        EdgeHost.StartAsync(new EdgeSetup { Time = _time, Upstream = new ScriptedUpstream(upstream) });

    /// <summary>A clock that stands still until the test fires the watch's timer.</summary>
    private sealed class JumpyTimer : TimeProvider
    {
        private TimerCallback? _callback;
        private object? _state;
        private long _now;

        public int Watches { get; private set; }

        public void Fire()
        {
            Interlocked.Add(ref _now, 15 * TimestampFrequency);
            _callback?.Invoke(_state);
        }

        public override long GetTimestamp() => Interlocked.Read(ref _now);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (state is not SilenceWatch)
            {
                return System.CreateTimer(callback, state, dueTime, period);
            }

            (_state, _callback) = (state, callback);
            Watches++;
            return new Never();
        }

        private sealed class Never : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
