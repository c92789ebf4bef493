using GeminiEdge.Failover.Keys;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary>Names a request in answers and logs.</summary>
internal static class RequestId
{
    private const string Header = "x-request-id";

    /// <summary>Keeps a valid inbound one that holds no key, makes one otherwise, and puts it on the response.</summary>
    public static string Assign(HttpContext context, KeyMask mask)
    {
        var inbound = context.Request.Headers[Header];
        var id = inbound is [{ Length: > 0 and <= 64 } given] && given.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':')
            && mask.Clean(given) == given
                ? given
                : Guid.NewGuid().ToString("N");
        context.Response.Headers[Header] = id;
        context.TraceIdentifier = id;
        return id;
    }

    public static string Of(HttpContext context) => context.TraceIdentifier;
}
