using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GeminiEdge.Tests.Support;

/// <summary>An upstream that isn't HTTP at all unless the test says so: it answers each connection with what the test writes.</summary>
internal sealed class RawUpstream : LoopbackServer
{
    private readonly Func<Stream, CancellationToken, Task> _answer;
    private int _connections;

    private RawUpstream(Func<Stream, CancellationToken, Task> answer) => _answer = answer;

    public string Url => $"http://{Address}";

    /// <summary>Connections with a request.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Reads the head of each request, answers with these bytes and closes.</summary>
    public static RawUpstream Saying(string bytes) => Start((stream, stop) => stream.WriteAsync(Encoding.Latin1.GetBytes(bytes), stop).AsTask());

    /// <summary>Reads the head of each request, and leaves the rest to the test.</summary>
    public static RawUpstream Start(Func<Stream, CancellationToken, Task> answer) => new(answer);

    /// <summary>An address on this machine where nobody listens.</summary>
    public static string Nobody()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://{listener.LocalEndpoint}";
    }

    protected override async Task ServeAsync(TcpClient connection, int number)
    {
        var stream = connection.GetStream();
        var last = "";
        var one = new byte[1];
        while (!last.EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            // A connection that was opened ahead and never used.
            if (await stream.ReadAsync(one, Stopping) == 0)
            {
                return;
            }

            last = (last.Length < 3 ? last : last[^3..]) + (char)one[0];
        }

        Interlocked.Increment(ref _connections);
        await _answer(stream, Stopping);

        // Closing while bytes are unread would reset the connection and take the answer with it.
        connection.Client.Shutdown(SocketShutdown.Send);
        await stream.CopyToAsync(Stream.Null, Stopping);
    }
}
