using GeminiEdge.Failover.Forwarding;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary>What is read with GET or HEAD, and with nothing else.</summary>
internal static class ReadOnly
{
    public static bool IsRead(HttpContext context) => HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);

    /// <summary>Refuses another method.</summary>
    public static ValueTask RefuseAsync(HttpContext context, ErrorWriter errors, string allow = "GET, HEAD")
    {
        context.Response.Headers.Allow = allow;
        return errors.WriteAsync(context, FailoverError.MethodNotAllowed, "Read it with GET.");
    }

    /// <summary>Answers with these bytes; HEAD gets their number alone.</summary>
    public static async ValueTask WriteAsync(HttpContext context, ReadOnlyMemory<byte> bytes, string contentType)
    {
        context.Response.ContentType = contentType;
        context.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        }
    }
}
