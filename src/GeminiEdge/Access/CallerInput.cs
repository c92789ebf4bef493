using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace GeminiEdge.Access;

/// <summary>
/// What a caller sends. The server gives up a request whose bytes came together with the end of the line, so that end is told
/// only when everything before it has been looked at.
/// </summary>
internal sealed class CallerInput(PipeReader inner) : PipeReader
{
    private SequencePosition _end;
    private bool _hasEnded;
    private bool _isExamined;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var reading = inner.ReadAsync(cancellationToken);
        return reading.IsCompletedSuccessfully ? new ValueTask<ReadResult>(Look(reading.Result)) : LookAsync(reading);
    }

    public override bool TryRead(out ReadResult result)
    {
        var read = inner.TryRead(out result);
        result = read ? Look(result) : result;
        return read;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _isExamined = _hasEnded && examined.Equals(_end);
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => inner.CompleteAsync(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> LookAsync(ValueTask<ReadResult> reading) => Look(await reading);

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
