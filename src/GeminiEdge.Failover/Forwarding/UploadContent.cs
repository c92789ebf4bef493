using System.Buffers;
using System.Net;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Sends a request body as it arrives: upload bytes are neither limited nor kept, and so never sent twice.</summary>
/// <param name="source">The caller's body.</param>
/// <param name="length">Its length, if declared.</param>
/// <param name="sent">Told when the last byte has been sent: waiting for the answer begins then.</param>
internal sealed class UploadContent(Stream source, long? length, Action sent) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var sending = UpstreamStream.Begin();
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        var written = 0L;
        try
        {
            for (int count; !sending.IsLost && (count = await ReadAsync(buffer, cancellationToken)) > 0; written += count)
            {
                await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);

                // Without it the small pieces of a slow caller would wait in the connection's buffer.
                await stream.FlushAsync(cancellationToken);
            }

            // It has been answered, and nobody takes the rest. The connection counts what it was promised all the same.
            while (sending.IsLost && written < length)
            {
                var count = (int)Math.Min(buffer.Length, length.Value - written);
                await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                written += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        sent();
    }

    private async ValueTask<int> ReadAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await source.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new CallerBodyException(e);
        }
    }

    protected override bool TryComputeLength(out long result)
    {
        result = length ?? 0;
        return length is not null;
    }
}
