using System.Buffers;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// Cuts an answer into its pieces as the bytes arrive: SSE events, elements of a JSON array, or one raw object. An
/// upstream error can stand raw between events, so each line decides anew.
/// </summary>
internal sealed partial class AnswerScanner(int limit, MemoryBudget? memory = null) : IDisposable
{
    private const int FirstSize = 4096;
    private const int LargestStep = 8 << 20;

    private byte[] _buffer = [];
    private int _end;
    private int _pieceStart;
    private int _lastStart;
    private int _passed;
    private int _expected;
    private bool _isCounted;
    private int _eventStart = -1;
    private int _scanned;
    private int _depth;
    private bool _inString;
    private bool _inArray;
    private bool _inObject;
    private ArrayBufferWriter<byte>? _eventData;

    // What is larger than the limit is forgotten; these say that the end of it is still to come.
    private bool _skipsObject;
    private bool _skipsLine;
    private bool _skipsEvent;

    /// <summary>All bytes that arrived and have not been dropped.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _end);

    /// <summary>As much has arrived as may be looked at before anything goes to the caller.</summary>
    public bool IsFull => _end >= limit;

    /// <summary>The answer is a series of events or elements: it doesn't begin as a single object.</summary>
    public bool IsSeries => Bytes.Span.TrimStart(" \t\r\n"u8) is [not (byte)'{', ..];

    /// <summary>Room for the next bytes; none when an answer that is read whole finds none.</summary>
    public Memory<byte> GetMemory()
    {
        if (_end == _buffer.Length)
        {
            var size = NextSize();
            var isCounted = memory is not null && size > ForwardRequest.FirstPieceLimit;
            if ((isCounted ? memory!.TryRent(size) : ArrayPool<byte>.Shared.Rent(size)) is not { } larger)
            {
                return default;
            }

            Bytes.Span.CopyTo(larger);
            Return();
            (_buffer, _isCounted) = (larger, isCounted);
        }

        return _buffer.AsMemory(_end);
    }

    /// <summary>Tells how long the answer is, where it is read whole: room for it is made once.</summary>
    public void Expect(long? length) => _expected = length < limit ? (int)length.Value + 1 : 0;

    public void Advance(int count) => _end += count;

    /// <summary>Adds a copy of bytes that were sent on already.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var room = GetMemory().Span;
            var count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            Advance(count);
            bytes = bytes[count..];
        }
    }

    /// <summary>
    /// The next whole piece: JSON, or whatever else stands in an SSE event's data. Valid until the next call.
    /// </summary>
    public bool TryReadPiece(out ReadOnlyMemory<byte> piece)
    {
        while (_scanned < _end)
        {
            if (_inObject)
            {
                if (!TryEndObject())
                {
                    break;
                }

                piece = _buffer.AsMemory(_pieceStart, _scanned - _pieceStart);
                (_lastStart, _pieceStart) = (_pieceStart, _scanned);
                if (!_skipsObject)
                {
                    return true;
                }

                _skipsObject = false;
                continue;
            }

            // In the middle of a line nothing begins.
            switch (_skipsLine ? default : _buffer[_scanned])
            {
                case (byte)'{':
                    (_inObject, _pieceStart, _depth) = (true, _scanned, 0);
                    continue;
                case (byte)'[' when !_inArray:
                    _inArray = true;
                    _scanned++;
                    continue;
                case (byte)']' when _inArray:
                    _inArray = false;
                    _scanned++;
                    continue;
                case (byte)',' or (byte)'\r' or (byte)'\n' when _inArray:
                case (byte)' ' or (byte)'\t':
                    _scanned++;
                    continue;
                default:
                    var newline = _buffer.AsSpan(_scanned, _end - _scanned).IndexOf((byte)'\n');
                    if (newline < 0)
                    {
                        piece = default;
                        return false;
                    }

                    if (TryEndLine(newline, out piece))
                    {
                        return true;
                    }

                    continue;
            }
        }

        piece = default;
        return false;
    }

    /// <summary>At the end of the answer: an event whose closing blank line never came.</summary>
    public bool TryReadLastPiece(out ReadOnlyMemory<byte> piece)
    {
        var begun = _eventStart >= 0 ? _eventStart : _scanned;
        var found = (!_inObject && _scanned < _end && TryEndLine(_end - _scanned, out piece)) || TryTakeEvent(out piece);
        (_lastStart, _eventStart) = (begun, -1);
        return found;
    }

    public void Dispose()
    {
        Return();
        (_buffer, _isCounted) = ([], false);
        _end = _scanned = _pieceStart = 0;
    }

    private bool TryEndObject()
    {
        var bytes = _buffer.AsSpan(0, _end);
        while (_scanned < bytes.Length)
        {
            var rest = bytes[_scanned..];
            var at = _inString ? rest.IndexOfAny((byte)'"', (byte)'\\') : rest.IndexOfAny((byte)'"', (byte)'{', (byte)'}');
            if (at < 0)
            {
                _scanned = bytes.Length;
                return false;
            }

            switch (rest[at])
            {
                case (byte)'\\' when at + 1 == rest.Length:
                    // The escaped character hasn't arrived.
                    _scanned += at;
                    return false;
                case (byte)'\\':
                    at++;
                    break;
                case (byte)'"':
                    _inString = !_inString;
                    break;
                case (byte)'{':
                    _depth++;
                    break;
                default:
                    _depth--;
                    break;
            }

            _scanned += at + 1;
            if (_depth == 0)
            {
                _inObject = false;
                return true;
            }
        }

        return false;
    }

    private bool TryEndLine(int length, out ReadOnlyMemory<byte> piece)
    {
        var line = _buffer.AsSpan(_scanned, length).TrimEnd((byte)'\r');

        // A comment belongs to no event, and keeps the connection alive: it waits for nothing.
        _eventStart = _eventStart >= 0 || line.IsEmpty || line[0] == (byte)':' || _skipsLine || _skipsEvent ? _eventStart : _scanned;
        _scanned = Math.Min(_end, _scanned + length + 1);
        _pieceStart = _scanned;
        piece = default;
        if (_skipsLine)
        {
            _skipsLine = false;
            return false;
        }

        if (line.IsEmpty)
        {
            (_lastStart, _eventStart) = (Math.Max(0, _eventStart), -1);
            return TryTakeEvent(out piece);
        }

        if (line.StartsWith("data:"u8))
        {
            var data = line["data:".Length..];
            AddEventData(data.StartsWith(" "u8) ? data[1..] : data);
        }

        return false;
    }

    private void AddEventData(ReadOnlySpan<byte> data)
    {
        _eventData ??= new ArrayBufferWriter<byte>(1024);
        if (_skipsEvent || _eventData.WrittenCount + data.Length >= limit)
        {
            _skipsEvent = true;
            return;
        }

        if (_eventData.WrittenCount > 0)
        {
            _eventData.Write("\n"u8);
        }

        _eventData.Write(data);
    }

    private bool TryTakeEvent(out ReadOnlyMemory<byte> piece)
    {
        var isWhole = !_skipsEvent && _eventData is { WrittenCount: > 0 };
        piece = isWhole ? _eventData!.WrittenMemory : default;
        _eventData?.ResetWrittenCount();
        _skipsEvent = false;
        return isWhole;
    }

    // Doubled, and from some size on not: what is too much is counted too.
    private int NextSize() => Math.Max(Math.Max(FirstSize, _buffer.Length + Math.Min(_buffer.Length, LargestStep)), _buffer.Length >= ForwardRequest.FirstPieceLimit ? _expected : 0);

    private void Return()
    {
        if (_isCounted)
        {
            memory!.Return(_buffer);
        }
        else if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
    }
}
