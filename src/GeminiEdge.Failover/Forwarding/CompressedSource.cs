namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// The bytes that a decoder reads: so many and no more, beginning with those that were looked at already. The decoders take a
/// stream that is cut for a whole one; but none asks for more when it has seen the end. Gzip's does, because another stream may
/// follow: it is given a byte that begins none, and no stream ends with.
/// </summary>
/// <param name="head">What was read of the source.</param>
/// <param name="rest">The source.</param>
/// <param name="ownsRest">Nobody else disposes of it.</param>
/// <param name="limit">How many bytes there may be.</param>
/// <param name="mayFollow">Its decoder looks for another stream behind the end.</param>
internal sealed class CompressedSource(ReadOnlyMemory<byte> head, Stream rest, bool ownsRest, long limit, bool mayFollow) : ForwardOnlyStream
{
    private const byte NoBeginning = 0xff;

    private ReadOnlyMemory<byte> _head = head;
    private long _left = limit;
    private bool _mayFollow = mayFollow;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = Math.Min(buffer.Length, _head.Length);
        if (count > 0)
        {
            _head[..count].CopyTo(buffer);
            _head = _head[count..];
        }
        else
        {
            count = await rest.ReadAsync(buffer, cancellationToken);
        }

        if (count == 0 && buffer.Length > 0)
        {
            return EndOrThrow(buffer.Span);
        }

        _left -= count;
        return _left >= 0 ? count : throw new BodyTooLargeException();
    }

    private int EndOrThrow(Span<byte> buffer)
    {
        if (!_mayFollow)
        {
            throw new InvalidDataException("The compressed bytes are cut.");
        }

        _mayFollow = false;
        buffer[0] = NoBeginning;
        return 1;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && ownsRest)
        {
            rest.Dispose();
        }

        base.Dispose(disposing);
    }
}
