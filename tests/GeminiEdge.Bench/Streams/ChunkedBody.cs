using System.Text;

namespace GeminiEdge.Bench.Streams;

/// <summary>Takes the head and the chunk framing off a 200 answer, a read at a time.</summary>
internal sealed class ChunkedBody
{
    private readonly StringBuilder _line = new();
    private bool _sawStatus;
    private bool _inHead = true;
    private int _left;

    public bool Ended { get; private set; }

    /// <summary>Decodes in place: returns the part of the body that these bytes carry, at their beginning.</summary>
    public ReadOnlySpan<byte> Decode(Span<byte> received)
    {
        var written = 0;
        for (var at = 0; at < received.Length;)
        {
            if (_left > 0)
            {
                var length = Math.Min(_left, received.Length - at);
                received.Slice(at, length).CopyTo(received[written..]);
                written += length;
                at += length;
                _left -= length;
            }
            else if (received[at++] is var letter && letter != '\n')
            {
                _line.Append((char)letter);
            }
            else
            {
                EndLine(_line.ToString().TrimEnd('\r'));
                _line.Clear();
            }
        }

        return received[..written];
    }

    private void EndLine(string line)
    {
        if (!_sawStatus)
        {
            _sawStatus = line.StartsWith("HTTP/1.1 200", StringComparison.Ordinal)
                ? true
                : throw new InvalidDataException($"The answer is not a 200: {line}");
        }
        else if (_inHead)
        {
            _inHead = line.Length > 0;
        }
        else if (line.Length > 0)
        {
            // The empty line is the end of the chunk before; the last chunk says its size is 0.
            _left = Convert.ToInt32(line, 16);
            Ended = _left == 0;
        }
    }
}
