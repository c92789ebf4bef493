using System.IO.Pipelines;

namespace GeminiEdge.Tests.Chaos;

/// <summary>One end of a connection without a network: what is written here is read there. A write ends when the other end has read it.</summary>
internal sealed class DuplexStream : Stream
{
    // Nothing lies on the way: whoever has written knows that it has arrived.
    private static readonly PipeOptions Unbuffered = new(pauseWriterThreshold: 1, resumeWriterThreshold: 1, useSynchronizationContext: false);

    private readonly PipeReader _reader;
    private readonly PipeWriter _writer;

    private DuplexStream(PipeReader reader, PipeWriter writer) => (_reader, _writer) = (reader, writer);

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static (DuplexStream Client, DuplexStream Server) Connect()
    {
        var (up, down) = (new Pipe(Unbuffered), new Pipe(Unbuffered));
        return (new DuplexStream(down.Reader, up.Writer), new DuplexStream(up.Reader, down.Writer));
    }

    /// <summary>The other end reads what was written, and then this instead of an end.</summary>
    public void Reset() => _writer.Complete(new IOException("The connection was reset."));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var result = await _reader.ReadAsync(cancellationToken);
        var piece = result.Buffer.Slice(0, Math.Min(buffer.Length, result.Buffer.Length));
        var count = 0;
        foreach (var segment in piece)
        {
            segment.CopyTo(buffer[count..]);
            count += segment.Length;
        }

        _reader.AdvanceTo(piece.End);
        return count;
    }

    // Whoever writes to nobody learns of it when reading, as with a socket.
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        await _writer.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        // Who reads or writes just now is woken, as by a socket's end.
        _reader.CancelPendingRead();
        _writer.CancelPendingFlush();
        _reader.Complete();
        _writer.Complete();
        base.Dispose(disposing);
    }
}
