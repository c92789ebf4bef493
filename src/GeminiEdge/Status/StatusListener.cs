using System.Threading.Channels;

namespace GeminiEdge.Status;

/// <summary>One open page: what waits for it is bounded, and gives way to what is newer.</summary>
internal sealed class StatusListener
{
    private const int MostWaiting = 16;

    private readonly Channel<byte[]> _waiting;
    private volatile bool _missed;

    public StatusListener() => _waiting = Channel.CreateBounded<byte[]>(
        new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true }, _ => _missed = true);

    public void Offer(byte[] events) => _waiting.Writer.TryWrite(events);

    public void End() => _waiting.Writer.TryComplete();

    public IAsyncEnumerable<byte[]> ReadAllAsync(CancellationToken cancellationToken) => _waiting.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Whether something gave way since the last time this was asked.</summary>
    public bool TakeMissed()
    {
        var missed = _missed;
        _missed = false;
        return missed;
    }
}
