using System.IO.Pipelines;
using System.Text;
using GeminiEdge.Access;

namespace GeminiEdge.Tests.Access;

/// <summary>The end of what a caller sends is told only when everything before it has been looked at.</summary>
public class CallerInputTests
{
    private readonly Pipe _line = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
    private readonly CallerInput _input;

    public CallerInputTests() => _input = new CallerInput(_line.Reader);

    [Fact]
    public async Task Read_BytesCameWithTheEnd_TheEndIsToldAfterThem()
    {
        await SendAsync("abc");
        await _line.Writer.CompleteAsync();

        var bytes = await _input.ReadAsync();
        Assert.Equal(("abc", false), (Text(bytes), bytes.IsCompleted));

        // A part was taken, the rest not looked at: still no end.
        _input.AdvanceTo(bytes.Buffer.GetPosition(1), bytes.Buffer.GetPosition(2));
        var rest = await _input.ReadAsync();
        Assert.Equal(("bc", false), (Text(rest), rest.IsCompleted));

        _input.AdvanceTo(rest.Buffer.Start, rest.Buffer.End);
        var end = await _input.ReadAsync();
        Assert.Equal(("bc", true), (Text(end), end.IsCompleted));
    }

    [Fact]
    public async Task Read_EverythingIsTaken_TheEndComesNext()
    {
        await SendAsync("abc");
        await _line.Writer.CompleteAsync();
        var bytes = await _input.ReadAsync();

        _input.AdvanceTo(bytes.Buffer.End);
        var end = await _input.ReadAsync();

        Assert.Equal(("", true), (Text(end), end.IsCompleted));
    }

    [Fact]
    public async Task TryRead_BytesCameWithTheEnd_TellsItAfterThemToo()
    {
        Assert.False(_input.TryRead(out _));
        await SendAsync("abc");
        await _line.Writer.CompleteAsync();

        Assert.True(_input.TryRead(out var bytes));
        Assert.Equal(("abc", false), (Text(bytes), bytes.IsCompleted));
        _input.AdvanceTo(bytes.Buffer.Start, bytes.Buffer.End);
        Assert.True(_input.TryRead(out var again));
        Assert.Equal(("abc", true), (Text(again), again.IsCompleted));
    }

    [Fact]
    public async Task Read_NothingIsThereYet_WaitsForBytesAndThenForTheEnd()
    {
        var first = _input.ReadAsync().AsTask();
        Assert.False(first.IsCompleted);
        await SendAsync("abc");
        var bytes = await first;
        Assert.Equal(("abc", false), (Text(bytes), bytes.IsCompleted));

        _input.AdvanceTo(bytes.Buffer.End);
        var second = _input.ReadAsync().AsTask();
        Assert.False(second.IsCompleted);
        await _line.Writer.CompleteAsync();
        Assert.True((await second).IsCompleted);
    }

    [Fact]
    public async Task Read_IsCancelledWhileItWaits_SaysSo()
    {
        var read = _input.ReadAsync().AsTask();
        _input.CancelPendingRead();
        var cancelled = await read;
        Assert.True(cancelled.IsCanceled);
        _input.AdvanceTo(cancelled.Buffer.Start);

        using var leaving = new CancellationTokenSource();
        var waiting = _input.ReadAsync(leaving.Token).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task Read_TheLineBroke_Throws()
    {
        var read = _input.ReadAsync().AsTask();
        await _line.Writer.CompleteAsync(new IOException("The line broke."));

        await Assert.ThrowsAsync<IOException>(() => read);
    }

    // What was looked at to its end before the line had one says nothing about what came with the end.
    [Fact]
    public async Task Read_EarlierBytesWereLookedAt_TheEndIsToldAfterTheLast()
    {
        await SendAsync("abc");
        var first = await _input.ReadAsync();
        _input.AdvanceTo(first.Buffer.Start, first.Buffer.End);
        await SendAsync("def");
        await _line.Writer.CompleteAsync();

        var rest = await _input.ReadAsync();
        Assert.Equal(("abcdef", false), (Text(rest), rest.IsCompleted));
    }

    [Fact]
    public async Task Read_WaitIsOver_IsSeenWithoutAwaitingIt()
    {
        var read = _input.ReadAsync();
        Assert.False(read.IsCompleted);
        await SendAsync("abc");
        Assert.True(read.IsCompletedSuccessfully);
        _input.AdvanceTo((await read).Buffer.End);

        var broken = _input.ReadAsync();
        await _line.Writer.CompleteAsync(new IOException("The line broke."));
        Assert.Equal((true, false, true), (broken.IsCompleted, broken.IsCanceled, broken.IsFaulted));
        await Assert.ThrowsAsync<IOException>(broken.AsTask);
    }

    // A pipe tells that only with its result; a reader of a stream, which TLS puts there, at once.
    [Fact]
    public async Task Read_OfAStreamIsCancelled_IsSeenWithoutAwaitingIt()
    {
        var input = new CallerInput(PipeReader.Create(_line.Reader.AsStream()));
        using var leaving = new CancellationTokenSource();
        var read = input.ReadAsync(leaving.Token);
        Assert.False(read.IsCompleted);

        await leaving.CancelAsync();

        Assert.Equal((true, true, false), (read.IsCompleted, read.IsCanceled, read.IsFaulted));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(read.AsTask);
    }

    [Fact]
    public async Task Read_WhoWaitsBringsAContext_GoesOnInIt()
    {
        var (whose, seen) = (new AsyncLocal<string> { Value = "who waits" }, "");
#pragma warning disable CA2012 // It is asked for its result once, when the wait is over.
        var read = _input.ReadAsync();
        read.GetAwaiter().OnCompleted(() => seen = whose.Value);
#pragma warning restore CA2012

        whose.Value = "who sends";
        await SendAsync("abc");

        Assert.Equal("who waits", seen);
        Assert.Equal("abc", Text(await read));
    }

    [Fact]
    public async Task Complete_ReachesTheLine()
    {
        await _input.CompleteAsync();

        Assert.True((await _line.Writer.WriteAsync("abc"u8.ToArray())).IsCompleted);
    }

    private async Task SendAsync(string text) => await _line.Writer.WriteAsync(Encoding.ASCII.GetBytes(text));

    private static string Text(ReadResult read) => Encoding.ASCII.GetString(read.Buffer);
}
