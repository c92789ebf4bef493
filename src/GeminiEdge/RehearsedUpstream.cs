using GeminiEdge.Failover.Forwarding;

namespace GeminiEdge;

/// <summary>A connection to nobody, on which one answer is always there: the HTTP client above it is the real one.</summary>
internal sealed class RehearsedUpstream : MemoryStream
{
    private static readonly byte[] Answer = """
        HTTP/1.1 200 OK
        Content-Type: application/json; charset=UTF-8
        Transfer-Encoding: chunked
        Connection: close

        74
        {"candidates":[{"content":{"role":"model","parts":[{"text":"Hello"}]},"finishReason":"STOP"}],"modelVersion":"none"}
        0


        """u8.ToArray();

    private RehearsedUpstream()
        : base(Answer, writable: false)
    {
    }

    public override bool CanWrite => true;

    public static SocketsHttpHandler CreateHandler()
    {
        var options = new ForwardingOptions();
        var handler = UpstreamClient.CreateHandler(options, new UpstreamConnections(options, TimeProvider.System));
        handler.ConnectCallback = static (_, _) => new ValueTask<Stream>(new RehearsedUpstream());
        return handler;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;
}
