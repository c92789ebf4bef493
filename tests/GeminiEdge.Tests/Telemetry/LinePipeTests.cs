using System.Text;
using GeminiEdge.Telemetry;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Telemetry;

public class LinePipeTests
{
    private static readonly byte[] Line = Encoding.ASCII.GetBytes($$"""{"event":"test","fill":"{{new string('x', 975)}}"}""" + "\n");

    [Fact]
    public async Task Write_ReaderStopsReading_DropsAndSaysHowManyWhenItReadsAgain()
    {
        using var output = new StuckStream();
        using var pipe = new LinePipe(output, TimeProvider.System);
        pipe.Write(Line);
        await output.Reached;

        // The writer thread hangs in the first line: a megabyte fits, the rest must not wait.
        var fits = LinePipe.Capacity / Line.Length;
        for (var i = 0; i < fits + 250; i++)
        {
            pipe.Write(Line);
        }

        output.Release();
        var dropped = await output.Log.WaitForAsync("log_dropped");

        Assert.Equal(250, dropped["count"]!.GetValue<int>());
        Assert.Equal(fits + 1, output.Log.Events.Count(line => LogCapture.Name(line) == "test"));
    }

    [Fact]
    public async Task Write_FromManyThreads_KeepsEachLineWhole()
    {
        var log = new LogCapture();
        using (var pipe = new LinePipe(log, TimeProvider.System))
        {
            Parallel.For(0, 400, _ => pipe.Write(Line));
        }

        Assert.Equal(400, (await log.WaitForAsync("test", 400)).Count);
    }

    [Fact]
    public void Write_OutputIsBroken_GoesOnInSilence()
    {
        using var pipe = new LinePipe(new BrokenStream(), TimeProvider.System);

        for (var i = 0; i < 3000; i++)
        {
            pipe.Write(Line);
        }
    }

    // One line now and then: between two failures nothing waits to be written.
    [Fact]
    public async Task Write_OutputBreaksLineByLine_EachIsCounted()
    {
        using var output = new MendedStream();
        using var pipe = new LinePipe(output, TimeProvider.System, rest: TimeSpan.FromMilliseconds(1));
        const int Lines = 20;
        for (var line = 1; line <= Lines; line++)
        {
            pipe.Write(Line);
            await Eventually.IsAsync(() => output.Failures == line);
        }

        output.Mend();
        pipe.Write(Line);

        Assert.Equal(Lines, (await output.Log.WaitForAsync("log_dropped"))["count"]!.GetValue<int>());
        await output.Log.WaitForAsync("test");
    }

    [Fact]
    public void Dispose_LinesAreWaiting_WritesThemOut()
    {
        var log = new LogCapture();
        var pipe = new LinePipe(log, TimeProvider.System);
        pipe.Write(Line);

        pipe.Dispose();

        Assert.Single(log.Lines);
    }

    /// <summary>A pipe whose reader does nothing until it is released.</summary>
    private sealed class StuckStream : MemoryStream
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _released = new();

        public LogCapture Log { get; } = new();

        public Task Reached => _reached.Task;

        public void Release() => _released.Set();

        public override void Write(byte[] buffer, int offset, int count)
        {
            _reached.TrySetResult();
            _released.Wait();
            Log.Write(buffer, offset, count);
        }

        public override void Write(ReadOnlySpan<byte> buffer) => Write(buffer.ToArray(), 0, buffer.Length);

        protected override void Dispose(bool disposing)
        {
            _released.Set();
            base.Dispose(disposing);
        }
    }

    private sealed class MendedStream : MemoryStream
    {
        private volatile bool _works;
        private int _failures;

        public LogCapture Log { get; } = new();

        public int Failures => Volatile.Read(ref _failures);

        public void Mend() => _works = true;

        public override void Write(byte[] buffer, int offset, int count)
        {
            if (!_works)
            {
                Interlocked.Increment(ref _failures);
                throw new IOException("No space left on device.");
            }

            Log.Write(buffer, offset, count);
        }

        public override void Write(ReadOnlySpan<byte> buffer) => Write(buffer.ToArray(), 0, buffer.Length);
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("Broken pipe.");
    }
}
