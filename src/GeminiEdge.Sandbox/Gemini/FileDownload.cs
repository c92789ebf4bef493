using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>A file's bytes, or the range of them that was asked for.</summary>
internal static class FileDownload
{
    public static async Task<GeminiError?> AnswerAsync(SandboxCall call, ReadOnlyMemory<byte> bytes, string mimeType)
    {
        var response = call.Response;
        response.ContentType = mimeType;
        response.Headers.AcceptRanges = "bytes";
        if (Range(call.Request, bytes.Length) is (var from, var to))
        {
            if (from > to)
            {
                response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
                response.Headers.ContentRange = $"bytes */{bytes.Length}";
                return null;
            }

            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = $"bytes {from}-{to}/{bytes.Length}";
            bytes = bytes[from..(to + 1)];
        }

        response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(call.Request.Method))
        {
            await response.Body.WriteAsync(bytes, call.Context.RequestAborted);
        }

        return null;
    }

    /// <summary>The first and the last byte asked for; the first behind the last when there is none of them.</summary>
    private static (int From, int To)? Range(HttpRequest request, int length)
    {
        if (!RangeHeaderValue.TryParse(request.Headers.Range, out var header) || header.Ranges is not { Count: 1 })
        {
            return null;
        }

        // Without a beginning it is so many bytes from the end.
        var range = header.Ranges.Single();
        return range.From is { } from
            ? ((int)Math.Min(from, length), (int)Math.Min(range.To ?? length, length - 1))
            : (length - (int)Math.Min(range.To!.Value, length), length - 1);
    }
}
