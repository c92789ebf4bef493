using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover;

/// <summary>
/// An upstream's answer as its reader takes it: first what was read for the verdict, then what comes. An answer that
/// breaks off throws, so that it never looks complete; disposing of it ends the attempt.
/// </summary>
internal sealed class AnswerStream : Stream
{
    private readonly FailoverCore _core;
    private readonly Attempt _attempt;
    private readonly ForwardRequest _request;
    private readonly bool _isWatched;
    private ReadOnlyMemory<byte> _first;
    private int _ended;

    public AnswerStream(FailoverCore core, Attempt attempt, ForwardRequest request)
    {
        (_core, _attempt, _request, _isWatched) = (core, attempt, request, attempt.IsWatched);

        // The scanner's own memory moves when it looks at the next pieces.
        _first = attempt.Scanner.Bytes.ToArray();
        if (_isWatched)
        {
            attempt.LearnPassing([]);
        }

        EndIfRead();
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_first.IsEmpty)
        {
            var taken = Math.Min(buffer.Length, _first.Length);
            _first[..taken].CopyTo(buffer);
            _first = _first[taken..];
            EndIfRead();
            return taken;
        }

        if (_attempt.ReadToEnd || buffer.IsEmpty || Volatile.Read(ref _ended) != 0)
        {
            return 0;
        }

        cancellationToken.ThrowIfCancellationRequested();
        await using var left = cancellationToken.UnsafeRegister(static attempt => ((Attempt)attempt!).Leave(), _attempt);
        var count = await _attempt.ReadAsync(buffer, _core.Options.IdleTimeout);
        if (count < 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new HttpIOException(HttpRequestError.ResponseEnded, _attempt.Verdict == Verdict.UpstreamTimeout
                ? $"Gemini was silent for {_core.Options.IdleTimeout.TotalSeconds:0.###} s in the middle of its answer."
                : "Gemini's answer broke off before its end.");
        }

        if (_isWatched)
        {
            _attempt.LearnPassing(buffer.Span[..count]);
        }

        EndIfRead();
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // Some readers of streams know no other way; the answer's connection is asynchronous alone.
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            End();
        }

        base.Dispose(disposing);
    }

    // Whoever has read everything may never dispose of it.
    private void EndIfRead()
    {
        if (_first.IsEmpty && _attempt.ReadToEnd)
        {
            End();
        }
    }

    private void End()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
        {
            return;
        }

        try
        {
            if (!_attempt.ReadToEnd && !_attempt.SaidDone && _attempt.Verdict == Verdict.Ok)
            {
                _attempt.BlameClient();
            }

            _core.Forwarder.Finish(_attempt, _request);
        }
        finally
        {
            _attempt.Dispose();
        }
    }
}
