using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace GeminiEdge.Tests.Support;

/// <summary>A long way: bytes take half a round trip in each direction, and a connection a whole one to open.</summary>
internal sealed class DelayingProxy : LoopbackServer
{
    private readonly ConcurrentDictionary<TcpClient, int> _open = new();
    private readonly TimeSpan _roundTrip;

    private DelayingProxy(IPEndPoint target, TimeSpan roundTrip) => (Target, _roundTrip) = (target, roundTrip);

    public string Url => $"https://{Address}";

    /// <summary>Where new connections lead.</summary>
    public IPEndPoint Target { get; set; }

    /// <summary>How many there are.</summary>
    public int Open => _open.Count;

    /// <summary>Resets one connection.</summary>
    public void Break()
    {
        var near = _open.Keys.First().Client;
        near.LingerState = new LingerOption(true, 0);
        near.Dispose();
    }

    public static DelayingProxy Start(string target, TimeSpan roundTrip) => new(IPEndPoint.Parse(new Uri(target).Authority), roundTrip);

    protected override async Task ServeAsync(TcpClient connection, int number)
    {
        using var far = new TcpClient { NoDelay = true };
        connection.NoDelay = true;
        _open[connection] = 0;
        try
        {
            await Task.Delay(_roundTrip, TimeProvider.System, Stopping);
            await far.ConnectAsync(Target, Stopping);
            await Task.WhenAll(CopyAsync(connection, far), CopyAsync(far, connection));
        }
        catch (InvalidOperationException)
        {
            // One side is gone, and so the other.
        }
        finally
        {
            _open.TryRemove(connection, out _);
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to)
    {
        // As on a long line, bytes follow each other: what comes later doesn't wait for what came before to arrive.
        var line = Channel.CreateUnbounded<(byte[]? Bytes, long Sent)>();
        await Task.WhenAll(TakeAsync(from.GetStream(), line.Writer), GiveAsync(line.Reader, to.Client, to.GetStream()));
    }

    /// <summary>No bytes for an end in order, nothing at all for a reset: an end takes its way like all else.</summary>
    private async Task TakeAsync(NetworkStream from, ChannelWriter<(byte[]? Bytes, long Sent)> line)
    {
        var buffer = new byte[64 * 1024];
        byte[]? bytes;
        do
        {
            try
            {
                bytes = buffer[..await from.ReadAsync(buffer, Stopping)];
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                bytes = null;
            }

            await line.WriteAsync((bytes, TimeProvider.System.GetTimestamp()), Stopping);
        }
        while (bytes is { Length: > 0 });
    }

    private async Task GiveAsync(ChannelReader<(byte[]? Bytes, long Sent)> line, Socket to, NetworkStream stream)
    {
        while (true)
        {
            var (bytes, sent) = await line.ReadAsync(Stopping);
            if ((_roundTrip / 2) - TimeProvider.System.GetElapsedTime(sent) is { Ticks: > 0 } rest)
            {
                await Task.Delay(rest, TimeProvider.System, Stopping);
            }

            if (bytes is null)
            {
                to.LingerState = new LingerOption(true, 0);
                to.Dispose();
                return;
            }

            if (bytes.Length == 0)
            {
                to.Shutdown(SocketShutdown.Send);
                return;
            }

            await stream.WriteAsync(bytes, Stopping);
        }
    }
}
