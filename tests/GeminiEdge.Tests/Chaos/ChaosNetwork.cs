using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using GeminiEdge.Failover.Forwarding;

namespace GeminiEdge.Tests.Chaos;

/// <summary>The network between the edge and Google, byte by byte, with the edge's own HTTP client at its one end and no socket.</summary>
internal sealed class ChaosNetwork(ChaosGoogle google, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<Task, bool> _connections = [];
    private readonly UpstreamConnections _unused = new(new ForwardingOptions { BaseUrl = ChaosGoogle.Url }, time);
    private int _busy;
    private int _stalled;
    private long _progress;

    /// <summary>Requests that are being answered, and don't stall.</summary>
    public int Busy => Volatile.Read(ref _busy);

    /// <summary>Requests that will get no further byte.</summary>
    public int Stalled => Volatile.Read(ref _stalled);

    /// <summary>Grows whenever something has happened.</summary>
    public long Progress => Volatile.Read(ref _progress);

    public int Open => _connections.Count;

    /// <summary>The edge's own handler, which connects to here.</summary>
    public HttpMessageHandler CreateHandler()
    {
        var handler = UpstreamClient.CreateHandler(new ForwardingOptions { BaseUrl = ChaosGoogle.Url }, _unused);
        handler.ConnectCallback = (_, _) =>
        {
            var (client, server) = DuplexStream.Connect();
            var serving = ServeAsync(server);
            _connections[serving] = true;
            _ = serving.ContinueWith(ended => _connections.TryRemove(ended, out _), TaskScheduler.Default);
            return ValueTask.FromResult<Stream>(client);
        };
        return handler;
    }

    public void Dispose() => _unused.Dispose();

    private async Task ServeAsync(DuplexStream connection)
    {
        await using (connection)
        {
            try
            {
                while (await ReadAsync(connection) is { } head)
                {
                    Interlocked.Increment(ref _busy);
                    try
                    {
                        if (!await AnswerAsync(connection, google.Answer(head)))
                        {
                            return;
                        }
                    }
                    finally
                    {
                        Interlocked.Increment(ref _progress);
                        Interlocked.Decrement(ref _busy);
                    }
                }
            }
            catch (IOException)
            {
                // The edge has left.
            }
        }
    }

    /// <returns>Whether the connection goes on.</returns>
    private async Task<bool> AnswerAsync(DuplexStream connection, ChaosAnswer answer)
    {
        Interlocked.Increment(ref _progress);
        await connection.WriteAsync(answer.Sent);
        Interlocked.Increment(ref _progress);
        switch (answer.End)
        {
            case ChaosEnd.Reset:
                connection.Reset();
                return false;
            case ChaosEnd.Close:
                return false;
            case ChaosEnd.Stall:
                Interlocked.Increment(ref _stalled);
                Interlocked.Decrement(ref _busy);
                try
                {
                    // Until the edge has lost its patience.
                    _ = await connection.ReadAsync(new byte[1]);
                    return false;
                }
                finally
                {
                    Interlocked.Increment(ref _busy);
                    Interlocked.Decrement(ref _stalled);
                }

            default:
                return true;
        }
    }

    /// <summary>Reads the next request, and returns its head; null at the connection's end.</summary>
    private static async Task<string?> ReadAsync(DuplexStream connection)
    {
        var read = new StringBuilder();
        var buffer = new byte[4096];
        while (await connection.ReadAsync(buffer) is > 0 and var count)
        {
            read.Append(Encoding.Latin1.GetString(buffer, 0, count));
            var text = read.ToString();
            if (text.IndexOf("\r\n\r\n", StringComparison.Ordinal) is > 0 and var end && IsWhole(text[..end], text[(end + 4)..]))
            {
                return text[..end];
            }
        }

        return null;
    }

    private static bool IsWhole(string head, string body)
    {
        const string Length = "\r\nContent-Length: ";
        return head.Contains("\r\nTransfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase) ? body.EndsWith("0\r\n\r\n", StringComparison.Ordinal)
            : head.IndexOf(Length, StringComparison.OrdinalIgnoreCase) is not (> 0 and var at)
            || body.Length >= int.Parse(head[(at + Length.Length)..].Split('\r')[0], CultureInfo.InvariantCulture);
    }
}
