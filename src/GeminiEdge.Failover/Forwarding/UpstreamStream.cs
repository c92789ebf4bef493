using System.Net.Sockets;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// A connection to the upstream. An upstream may answer before it has read a request, and read no more of it: what it said
/// counts, so that what can't be written any more is dropped, and reading tells how it ended.
/// </summary>
internal sealed class UpstreamStream(Socket socket, bool isEncrypted, TimeProvider time) : Stream
{
    /// <summary>How long nothing is taken before it is looked whether an answer has come instead.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>And how long where something lay there before.</summary>
    private static readonly TimeSpan LongPatience = TimeSpan.FromSeconds(20);

    private static readonly AsyncLocal<Sending?> Current = new();

    private readonly NetworkStream _stream = new(socket, ownsSocket: true);
    private bool _isDeaf;

    /// <summary>
    /// It is spoken to in HTTP/2: each request's end is told in frames of its own, and nothing that one of them does may end it.
    /// </summary>
    public bool IsShared { get; set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Begins a body whose sender wants to know when nobody takes it any more; what it writes from here on is meant.</summary>
    public static Sending Begin() => Current.Value = new Sending();

    public override int Read(Span<byte> buffer) => _stream.Read(buffer);

    public override int Read(byte[] buffer, int offset, int count) => _stream.Read(buffer, offset, count);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        _stream.ReadAsync(buffer, offset, count, cancellationToken);

    // The pool asks with it whether something has come: such a connection must not be used again, what is written to it is lost.
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _isDeaf && buffer.IsEmpty ? ValueTask.FromResult(0) : _stream.ReadAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isDeaf)
        {
            Current.Value?.Lose();
            return cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled(cancellationToken) : ValueTask.CompletedTask;
        }

        var writing = _stream.WriteAsync(buffer, cancellationToken);
        return writing.IsCompletedSuccessfully || IsShared ? writing : WriteOutAsync(writing.AsTask());
    }

    public override void Write(ReadOnlySpan<byte> buffer) => _stream.Write(buffer);

    public override void Write(byte[] buffer, int offset, int count) => _stream.Write(buffer, offset, count);

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask WriteOutAsync(Task writing)
    {
        var (readable, stalled) = (isEncrypted ? socket.Available : 0, TimeSpan.Zero);
        try
        {
            while (!await HasEndedAsync(writing))
            {
                stalled += Patience;

                // With TLS something lies there from the beginning. What came while nothing was taken is an answer.
                if (socket.Available > readable || (stalled >= LongPatience && socket.Poll(0, SelectMode.SelectRead)))
                {
                    // The write ends with this, and the memory is free that it was from.
                    socket.Shutdown(SocketShutdown.Send);
                }
            }

            await writing;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            _isDeaf = true;
            Current.Value?.Lose();
        }
    }

    private async ValueTask<bool> HasEndedAsync(Task writing)
    {
        try
        {
            await writing.WaitAsync(Patience, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>One body on its way.</summary>
    internal sealed class Sending
    {
        /// <summary>Nobody takes it any more.</summary>
        public bool IsLost { get; private set; }

        public void Lose() => IsLost = true;
    }
}
