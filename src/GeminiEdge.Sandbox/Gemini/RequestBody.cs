using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>The body of a request: read at once and left readable, except an upload's, which streams.</summary>
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

        var body = bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
        record?.Append(body.Span);
        request.Body = new MemoryStream(bytes.GetBuffer(), 0, (int)bytes.Length, writable: false);
        return body;
    }
}
