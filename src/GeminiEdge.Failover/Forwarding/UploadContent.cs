using System.Buffers;
using System.Net;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Sends a request body as it arrives: upload bytes are neither limited nor kept, and so never sent twice.</summary>
/// <param name="source">The caller's body.</param>
/// <param name="length">Its length, if declared.</param>
/// <param name="sent">Told when the last byte has been sent: waiting for the answer begins then.</param>
internal sealed class UploadContent(Stream source, long? length, Action sent) : HttpContent
{
    /// <summary>No file at Google is larger, in bytes.</summary>
    private const long MostPadding = 2L << 30;

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

            // Waiting for the answer begins, whether all of it was taken or not.
            sent();
            if (sending.IsLost && length is { } promised)
            {
                await PadAsync(stream, buffer, promised - written, cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>It has been answered, and nobody takes the rest; but the connection counts what it was promised before it reads the answer.</summary>
    private static async ValueTask PadAsync(Stream stream, byte[] buffer, long rest, CancellationToken cancellationToken)
    {
        if (rest > MostPadding)
        {
            throw new IOException("The upstream takes no more of an upload whose rest is too long to be counted.");
        }

        while (rest > 0)
        {
            // Nothing waits in here otherwise: others want the thread, and somebody may want this to end.
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            var count = (int)Math.Min(buffer.Length, rest);
            await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            rest -= count;
        }
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
