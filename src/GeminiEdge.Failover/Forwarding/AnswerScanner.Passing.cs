using System.Buffers;

namespace GeminiEdge.Failover.Forwarding;

// What has been looked at goes on or is forgotten; what is too large to be looked at is passed over.
internal sealed partial class AnswerScanner
{
    /// <summary>The bytes that the last piece came in, an event's lines with their names; valid until the scanner is used again.</summary>
    public Span<byte> LastPiece => _buffer.AsSpan(_lastStart, _scanned - _lastStart);

    /// <summary>An object or an array has begun and not ended.</summary>
    public bool IsOpen => _inObject || _inArray;

    /// <summary>What is held back: it could still become an error.</summary>
    public Span<byte> Held => _buffer.AsSpan(0, _end)[Math.Max(_passed, PassableEnd())..];

    /// <summary>
    /// Lets go on what has been looked at: whole pieces, what stands between them, and what begins as answers do. Whatever
    /// could still become an error waits for its end, unless it is larger than what is looked at.
    /// </summary>
    /// <param name="toEnd">No more bytes come: all of them go.</param>
    /// <returns>False when an error is arriving that is larger than what is looked at.</returns>
    public bool PassTo(IBufferWriter<byte> output, bool toEnd)
    {
        var end = toEnd ? _end : PassableEnd();
        var isTooLarge = _end - Math.Min(end, Needed) >= limit;
        if (isTooLarge && !PieceBeginning.IsError(_buffer.AsSpan(end, _end - end)))
        {
            SkipRest();
            (end, isTooLarge) = (PassableEnd(), false);
        }

        if (end > _passed)
        {
            output.Write(_buffer.AsSpan(_passed, end - _passed));
            _passed = end;
        }

        Drop(Math.Min(_passed, Needed));
        return !isTooLarge;
    }

    /// <summary>
    /// Forgets what was read, so that a long stream takes no more room than its longest piece; and of a piece larger
    /// than the limit all but where it ends.
    /// </summary>
    public void DropRead()
    {
        var keepFrom = _inObject ? _pieceStart : _scanned;
        if (_end - keepFrom >= limit)
        {
            SkipRest();
            keepFrom = _inObject ? _scanned : _end;
        }

        Drop(keepFrom);
    }

    /// <summary>Where the bytes begin that the next piece is read from.</summary>
    private int Needed => _inObject && !_skipsObject ? _pieceStart : _scanned;

    private int PassableEnd()
    {
        if (_inObject ? _skipsObject : _skipsLine)
        {
            // Nothing of it is needed but an escape's first half.
            _scanned = _inObject ? _scanned : _end;
            return _scanned;
        }

        var start = _inObject ? _pieceStart : _eventStart >= 0 ? _eventStart : _scanned;
        return PieceBeginning.IsAnswer(_buffer.AsSpan(start, _end - start)) ? _end : start;
    }

    private void SkipRest()
    {
        _skipsObject = _inObject;
        _skipsEvent |= !_inObject;
        _skipsLine = !_inObject && _scanned < _end;
        _eventStart = -1;
    }

    private void Drop(int count)
    {
        _buffer.AsSpan(count, _end - count).CopyTo(_buffer);
        _end -= count;
        _scanned = Math.Max(0, _scanned - count);
        _pieceStart = Math.Max(0, _pieceStart - count);
        _eventStart = _eventStart < 0 ? -1 : Math.Max(0, _eventStart - count);
        _passed = Math.Max(0, _passed - count);
        _lastStart = 0;
    }
}
