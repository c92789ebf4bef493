using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>The body of a request: read at once, recorded as it came and left readable, inflated; except an upload's, which streams.</summary>
internal static class RequestBody
{
    /// <summary>Null when the body is larger than the limit.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContext context, ReceivedRequest? record, int limit)
    {
        var request = context.Request;
        if (request.Path.StartsWithSegments("/upload", StringComparison.Ordinal))
        {
            request.Body = record is null ? request.Body : new RecordingStream(request.Body, record);
            return ReadOnlyMemory<byte>.Empty;
        }

        if (request.ContentLength > limit)
        {
            return null;
        }

        var bytes = new MemoryStream((int)(request.ContentLength ?? 0));
        var buffer = new byte[16 * 1024];
        for (int read; (read = await request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
        {
            if (bytes.Length + read > limit)
            {
                return null;
            }

            bytes.Write(buffer, 0, read);
        }

        record?.Append(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
        var plain = request.Headers.ContentEncoding == "gzip" ? await InflateAsync(bytes, limit) : bytes;
        request.Body = new MemoryStream(plain.GetBuffer(), 0, (int)plain.Length, writable: false);
        return plain.GetBuffer().AsMemory(0, (int)plain.Length);
    }

    /// <summary>What is in it; the compressed bytes themselves, which nobody can read, when they are no such bytes or too many.</summary>
    private static async Task<MemoryStream> InflateAsync(MemoryStream compressed, int limit)
    {
        var plain = new MemoryStream();
        try
        {
            compressed.Position = 0;
            await using var gzip = new GZipStream(compressed, CompressionMode.Decompress, leaveOpen: true);
            var buffer = new byte[16 * 1024];
            for (int read; (read = await gzip.ReadAsync(buffer)) > 0;)
            {
                if (plain.Length + read > limit)
                {
                    return compressed;
                }

                plain.Write(buffer, 0, read);
            }

            return plain;
        }
        catch (InvalidDataException)
        {
            return compressed;
        }
    }
}
