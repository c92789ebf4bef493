using System.Net;
using System.Net.Sockets;

namespace GeminiEdge.Bench.Allocations;

/// <summary>Answers whatever arrives with the same bytes; allocates nothing once a connection stands.</summary>
internal sealed class FixedUpstream : IDisposable
{
    private const string Answer =
        """{"candidates":[{"content":{"parts":[{"text":"Hello to everybody in this room, and a good day to all of you."}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":14,"totalTokenCount":18},"modelVersion":"gemini-3.8-flash","responseId":"Cvh0GrwTIGhND2O_nqqPmR"}""";

    private static readonly byte[] Response = System.Text.Encoding.ASCII.GetBytes(
        $"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\nContent-Length: {Answer.Length}\r\n\r\n{Answer}");

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public FixedUpstream()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        new Thread(Accept) { IsBackground = true }.Start();
    }

    public int Port { get; }

    public void Dispose() => _listener.Dispose();

    private void Accept()
    {
        try
        {
            while (true)
            {
                var connection = _listener.Accept();
                connection.NoDelay = true;
                new Thread(() => Serve(connection)) { IsBackground = true }.Start();
            }
        }
        catch (SocketException)
        {
            // Disposed of.
        }
    }

    private static void Serve(Socket connection)
    {
        // A request of this bench ends with the closing brace of its JSON.
        var buffer = new byte[16 * 1024];
        using (connection)
        {
            while (connection.Receive(buffer) is > 0 and var count)
            {
                if (buffer[count - 1] == (byte)'}')
                {
                    connection.Send(Response);
                }
            }
        }
    }
}
