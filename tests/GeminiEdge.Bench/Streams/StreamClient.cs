using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GeminiEdge.Bench.Streams;

/// <summary>Opens many streams over plain sockets, where what one read returns can be seen.</summary>
internal sealed class StreamClient(int port, string route, string clientKey, TimeProvider clock)
{
    // Callers do not come in one instant; a second spreads their chunks evenly over every 200 ms.
    private static readonly TimeSpan RampUp = TimeSpan.FromSeconds(1);

    private readonly byte[] _request = Request(port, route, clientKey);

    public Task<Delivery[]> RunAsync(int streams, Pace pace)
    {
        return Task.WhenAll(Enumerable.Range(0, streams).Select(index => ReadAsync(RampUp * index / streams, pace)));
    }

    private async Task<Delivery> ReadAsync(TimeSpan delay, Pace pace)
    {
        await Task.Delay(delay, clock);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        await socket.SendAsync(_request);

        var delivery = new Delivery(pace.Chunks, clock);
        var body = new ChunkedBody();
        var buffer = new byte[4096];
        while (!body.Ended)
        {
            var read = await socket.ReceiveAsync(buffer);
            var arrived = clock.GetTimestamp();
            if (read == 0)
            {
                throw new InvalidDataException("The connection ended before the stream did.");
            }

            delivery.Take(body.Decode(buffer.AsSpan(0, read)), arrived);
        }

        delivery.Complete();
        return delivery;
    }

    private static byte[] Request(int port, string route, string clientKey)
    {
        const string Body = """{"contents":[{"role":"user","parts":[{"text":"Tell me the story of a lighthouse keeper."}]}]}""";
        return Encoding.ASCII.GetBytes(
            $"POST {route} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nx-goog-api-key: {clientKey}\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");
    }
}
