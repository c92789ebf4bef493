using System.Net;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Sends a buffered request body, and keeps its memory while it does.</summary>
internal sealed class ReplayContent(RequestBody body) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        body.Keep();
        try
        {
            await stream.WriteAsync(body.Memory, cancellationToken);
        }
        finally
        {
            body.Release();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
