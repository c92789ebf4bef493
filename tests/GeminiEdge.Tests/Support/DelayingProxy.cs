using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace GeminiEdge.Tests.Support;

/// <summary>A long way: bytes take half a round trip in each direction, and a connection a whole one to open.</summary>
internal sealed class DelayingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<TcpClient, int> _open = new();
    private readonly TimeSpan _roundTrip;
    private readonly Task _accepting;
    private int _connections;

    private DelayingProxy(IPEndPoint target, TimeSpan roundTrip)
    {
        (Target, _roundTrip) = (target, roundTrip);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"https://{_listener.LocalEndpoint}";

    /// <summary>Where new connections lead.</summary>
    public IPEndPoint Target { get; set; }

    /// <summary>How many there have been.</summary>
    public int Connections => Volatile.Read(ref _connections);

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

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var ways = new List<Task>();
        try
        {
            while (true)
            {
                var near = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                ways.Add(RelayAsync(near));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(ways);
        }
    }

    private async Task RelayAsync(TcpClient near)
    {
        using (near)
        using (var far = new TcpClient { NoDelay = true })
        {
            near.NoDelay = true;
            _open[near] = 0;
            try
            {
                await Task.Delay(_roundTrip, TimeProvider.System, _stop.Token);
                await far.ConnectAsync(Target, _stop.Token);
                await Task.WhenAll(CopyAsync(near, far), CopyAsync(far, near));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
            {
                // One side is gone, and so the other.
            }
            finally
            {
                _open.TryRemove(near, out _);
            }
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
                bytes = buffer[..await from.ReadAsync(buffer, _stop.Token)];
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
            {
                bytes = null;
            }

            await line.WriteAsync((bytes, TimeProvider.System.GetTimestamp()), _stop.Token);
        }
        while (bytes is { Length: > 0 });
    }

    private async Task GiveAsync(ChannelReader<(byte[]? Bytes, long Sent)> line, Socket to, NetworkStream stream)
    {
        while (true)
        {
            var (bytes, sent) = await line.ReadAsync(_stop.Token);
            if ((_roundTrip / 2) - TimeProvider.System.GetElapsedTime(sent) is { Ticks: > 0 } rest)
            {
                await Task.Delay(rest, TimeProvider.System, _stop.Token);
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

            await stream.WriteAsync(bytes, _stop.Token);
        }
    }
}
