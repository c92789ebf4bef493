using System.Net;
using System.Net.Sockets;

namespace GeminiEdge.Tests.Support;

/// <summary>Listens on this machine and hands each connection to whoever serves it; what was begun ends with it.</summary>
internal abstract class LoopbackServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _accepted;

    protected LoopbackServer()
    {
        _listener.Start();

        // Not before whoever derives from it is there.
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Connections, used or not.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    protected EndPoint Address => _listener.LocalEndpoint;

    protected CancellationToken Stopping => _stop.Token;

    public virtual async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    /// <param name="connection">Disposed of afterwards.</param>
    /// <param name="number">Of all connections, from 1.</param>
    protected abstract Task ServeAsync(TcpClient connection, int number);

    private async Task AcceptAsync()
    {
        var served = new List<Task>();
        try
        {
            while (true)
            {
                var connection = await _listener.AcceptTcpClientAsync(_stop.Token);
                served.Add(ServeAndCloseAsync(connection, Interlocked.Increment(ref _accepted)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(served);
        }
    }

    private async Task ServeAndCloseAsync(TcpClient connection, int number)
    {
        using (connection)
        {
            try
            {
                await ServeAsync(connection, number);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The edge has seen enough, or the test is over.
            }
        }
    }
}
