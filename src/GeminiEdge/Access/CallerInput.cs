using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace GeminiEdge.Access;

/// <summary>
/// What a caller sends. The server gives up a request whose bytes came together with the end of the line, so that end is told
/// only when everything before it has been looked at. It stands in the way of every request, and so makes nothing anew for one.
/// </summary>
internal sealed class CallerInput : PipeReader, IValueTaskSource<ReadResult>
{
    private readonly PipeReader _inner;
    private readonly Action _goOn;
    private ValueTask<ReadResult> _reading;
    private Action<object?>? _continuation;
    private object? _state;
    private SequencePosition _end;
    private bool _hasEnded;
    private bool _isExamined;

    public CallerInput(PipeReader inner)
    {
        _inner = inner;
        _goOn = () => _continuation!(_state);
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
#pragma warning disable CA2012 // One read at a time, as with any pipe: it is asked for its result once, by whoever awaits this one.
        _reading = _inner.ReadAsync(cancellationToken);
#pragma warning restore CA2012
        return _reading.IsCompletedSuccessfully ? new ValueTask<ReadResult>(Look(_reading.Result)) : new ValueTask<ReadResult>(this, token: 0);
    }

    public override bool TryRead(out ReadResult result)
    {
        var read = _inner.TryRead(out result);
        result = Look(result);
        return read;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _isExamined = _hasEnded && examined.Equals(_end);
        _inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => _inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => _inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => _inner.CompleteAsync(exception);

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => Look(_reading.GetAwaiter().GetResult());

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) =>
        !_reading.IsCompleted ? ValueTaskSourceStatus.Pending
        : _reading.IsCompletedSuccessfully ? ValueTaskSourceStatus.Succeeded
        : _reading.IsCanceled ? ValueTaskSourceStatus.Canceled
        : ValueTaskSourceStatus.Faulted;

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        (_continuation, _state) = (continuation, state);
        var awaiter = _reading.ConfigureAwait(flags.HasFlag(ValueTaskSourceOnCompletedFlags.UseSchedulingContext)).GetAwaiter();
        if (flags.HasFlag(ValueTaskSourceOnCompletedFlags.FlowExecutionContext))
        {
            awaiter.OnCompleted(_goOn);
        }
        else
        {
            awaiter.UnsafeOnCompleted(_goOn);
        }
    }

    private ReadResult Look(ReadResult read)
    {
        if (!read.IsCompleted)
        {
            return read;
        }

        (_hasEnded, _end) = (true, read.Buffer.End);
        return read.Buffer.IsEmpty || _isExamined ? read : new ReadResult(read.Buffer, read.IsCanceled, isCompleted: false);
    }
}
