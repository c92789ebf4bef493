using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace GeminiEdge.Bench.Overload;

/// <summary>How one of a crowd speaks to the edge: bytes, on a connection of its own.</summary>
internal sealed class Attacker(Uri edge, string clientKey, ConcurrentDictionary<string, int> ends, TimeProvider time) : IDisposable
{
    // What isn't read is to wait at the edge, not in this end's system.
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 16 << 10 };
    private readonly byte[] _buffer = new byte[1024];

    public Task ConnectAsync(CancellationToken cancellationToken) => _socket.ConnectAsync(edge.Host, edge.Port, cancellationToken).AsTask();

    public string Head(string method, string target, int length, string headers = "") =>
        $"{method} {target} HTTP/1.1\r\nHost: {edge.Authority}\r\nx-goog-api-key: {clientKey}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n";

    public Task WriteAsync(string text, CancellationToken cancellationToken) => WriteAsync(Encoding.ASCII.GetBytes(text), cancellationToken);

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await _socket.SendAsync(bytes, cancellationToken)..];
        }
    }

    /// <summary>Reads what comes first, and notes the status and whether it says when to come again.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var count = await _socket.ReceiveAsync(_buffer, cancellationToken);
        var head = Encoding.ASCII.GetString(_buffer, 0, count);
        Note(count == 0 ? "closed"
            : head.Split(' ') is [_, var status, ..] ? $"{status}{(head.Contains("Retry-After:", StringComparison.OrdinalIgnoreCase) ? " with Retry-After" : "")}"
            : "no HTTP");
    }

    /// <returns>Whether there was one.</returns>
    public async Task<bool> ReadByteAsync(CancellationToken cancellationToken)
    {
        if (await _socket.ReceiveAsync(_buffer.AsMemory(0, 1), cancellationToken) > 0)
        {
            return true;
        }

        Note("closed");
        return false;
    }

    public Task WaitAsync(TimeSpan length, CancellationToken cancellationToken) => Task.Delay(length, time, cancellationToken);

    public void Note(string end) => ends.AddOrUpdate(end, 1, static (_, count) => count + 1);

    public void Dispose() => _socket.Dispose();
}
