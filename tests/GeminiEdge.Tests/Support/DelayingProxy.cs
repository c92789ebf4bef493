using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace GeminiEdge.Tests.Support;

/// <summary>A long way: bytes take half a round trip in each direction, and a connection a whole one to open.</summary>
internal sealed class DelayingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly IPEndPoint _target;
    private readonly TimeSpan _roundTrip;
    private readonly Task _accepting;
    private int _connections;

    private DelayingProxy(IPEndPoint target, TimeSpan roundTrip)
    {
        (_target, _roundTrip) = (target, roundTrip);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"https://{_listener.LocalEndpoint}";

    public int Connections => Volatile.Read(ref _connections);

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
            try
            {
                await Task.Delay(_roundTrip, TimeProvider.System, _stop.Token);
                await far.ConnectAsync(_target, _stop.Token);
                await Task.WhenAll(CopyAsync(near, far), CopyAsync(far, near));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One side is gone, and so the other.
            }
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to)
    {
        // As on a long line, bytes follow each other: what comes later doesn't wait for what came before to arrive.
        var line = Channel.CreateUnbounded<(byte[] Bytes, long Sent)>();
        await Task.WhenAll(TakeAsync(from, line.Writer), GiveAsync(line.Reader, to));
    }

    private async Task TakeAsync(TcpClient from, ChannelWriter<(byte[] Bytes, long Sent)> line)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            for (int count; (count = await from.GetStream().ReadAsync(buffer, _stop.Token)) > 0;)
            {
                await line.WriteAsync((buffer[..count], TimeProvider.System.GetTimestamp()), _stop.Token);
            }

            line.Complete();
        }
        catch (Exception e)
        {
            line.Complete(e);
            throw;
        }
    }

    private async Task GiveAsync(ChannelReader<(byte[] Bytes, long Sent)> line, TcpClient to)
    {
        try
        {
            await foreach (var (bytes, sent) in line.ReadAllAsync(_stop.Token))
            {
                if (_roundTrip / 2 - TimeProvider.System.GetElapsedTime(sent) is { Ticks: > 0 } rest)
                {
                    await Task.Delay(rest, TimeProvider.System, _stop.Token);
                }

                await to.GetStream().WriteAsync(bytes, _stop.Token);
            }

            to.Client.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            // A reset is one for both sides, and nobody reads on for nobody.
            to.LingerState = new LingerOption(true, 0);
            to.Dispose();
            throw;
        }
    }
}
