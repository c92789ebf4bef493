namespace GeminiEdge.Bench.Streams;

/// <summary>How one stream arrived: the delay of each event, and whether reads and events were one to one.</summary>
internal sealed class Delivery(int chunks, TimeProvider clock)
{
    private readonly byte[] _event = new byte[StreamEvent.Length];
    private readonly List<TimeSpan> _delays = new(chunks);
    private int _filled;

    public IReadOnlyList<TimeSpan> Delays => _delays;

    /// <summary>Events that ended in the same read as the event before.</summary>
    public int Merged { get; private set; }

    /// <summary>Reads that ended within an event.</summary>
    public int Split { get; private set; }

    public void Take(ReadOnlySpan<byte> body, long arrived)
    {
        var ended = 0;
        while (body.Length > 0)
        {
            var length = Math.Min(_event.Length - _filled, body.Length);
            body[..length].CopyTo(_event.AsSpan(_filled));
            body = body[length..];
            _filled += length;
            if (_filled == _event.Length)
            {
                End(arrived);
                ended++;
            }
        }

        Merged += Math.Max(0, ended - 1);
        Split += _filled > 0 ? 1 : 0;
    }

    public void Complete()
    {
        if (_delays.Count != chunks || _filled > 0)
        {
            throw new InvalidDataException($"The stream ended after {_delays.Count} of {chunks} events.");
        }
    }

    private void End(long arrived)
    {
        var (number, sent) = StreamEvent.Read(_event);
        if (number != _delays.Count)
        {
            throw new InvalidDataException($"Event {number} arrived in place of event {_delays.Count}.");
        }

        _delays.Add(clock.GetElapsedTime(sent, arrived));
        _filled = 0;
    }
}
