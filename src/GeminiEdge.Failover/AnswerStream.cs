using System.Buffers;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover;

/// <summary>
/// An upstream's answer as its reader takes it: first what was read for the verdict, then what comes. An answer that
/// breaks off throws, so that it never looks complete; disposing of it ends the attempt.
/// </summary>
internal sealed class AnswerStream : ForwardOnlyStream
{
    private readonly FailoverCore _core;
    private readonly Attempt _attempt;
    private readonly ForwardRequest _request;
    private readonly bool _isWatched;
    private readonly ArrayBufferWriter<byte> _ready = new();
    private int _taken;
    private int _ended;
    private bool _broke;

    public AnswerStream(FailoverCore core, Attempt attempt, ForwardRequest request)
    {
        (_core, _attempt, _request, _isWatched) = (core, attempt, request, attempt.IsWatched);

        if (!_isWatched)
        {
            _ready.Write(attempt.Scanner.Bytes.Span);
        }
        else if (!attempt.TryPass(_ready, core.Mask))
        {
            _broke = true;
        }

        EndIfRead();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (_taken < _ready.WrittenCount)
            {
                var taken = Math.Min(buffer.Length, _ready.WrittenCount - _taken);
                _ready.WrittenMemory.Slice(_taken, taken).CopyTo(buffer);
                _taken += taken;
                EndIfRead();
                return taken;
            }

            if (_broke)
            {
                throw BrokeOff();
            }

            if (_attempt.ReadToEnd || buffer.IsEmpty || Volatile.Read(ref _ended) != 0)
            {
                return 0;
            }

            cancellationToken.ThrowIfCancellationRequested();
            await using var left = cancellationToken.UnsafeRegister(static attempt => ((Attempt)attempt!).Leave(), _attempt);
            if (_isWatched)
            {
                (_taken, _broke) = (0, !await _attempt.ReadOnAsync(_core.Options.IdleTimeout));
                _ready.ResetWrittenCount();
                _broke = _broke || !_attempt.TryPass(_ready, _core.Mask);
                cancellationToken.ThrowIfCancellationRequested();
                EndIfRead();
                continue;
            }

            var count = await _attempt.ReadAsync(buffer, _core.Options.IdleTimeout);
            cancellationToken.ThrowIfCancellationRequested();
            EndIfRead();
            return count >= 0 ? count : throw BrokeOff();
        }
    }

    // Some readers of streams know no other way; the answer's connection is asynchronous alone.
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            End();
        }

        base.Dispose(disposing);
    }

    private HttpIOException BrokeOff() => new(HttpRequestError.ResponseEnded, _attempt.Verdict == Verdict.UpstreamTimeout
        ? $"Gemini was silent for {_core.Options.IdleTimeout.TotalSeconds:0.###} s in the middle of its answer."
        : "Gemini's answer broke off before its end.");

    // Whoever has read everything may never dispose of it.
    private void EndIfRead()
    {
        if (_taken == _ready.WrittenCount && _attempt.ReadToEnd && !_broke)
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

            _core.Forwarder.Finish(_attempt);
        }
        finally
        {
            _attempt.Dispose();
        }
    }
}
