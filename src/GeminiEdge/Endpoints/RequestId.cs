using GeminiEdge.Failover.Keys;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary>Names a request in answers and logs.</summary>
internal static class RequestId
{
    private const string Header = "x-request-id";

    // Spreads numbers that follow each other over all of theirs, and makes no two alike.
    private const ulong Spread = 0x9e3779b97f4a7c15;

    // Only the process has to be told from others at random: asking the system anew for each request would be a fortieth of its work.
    private static readonly string Process = Guid.NewGuid().ToString("N")[..16];
    private static ulong Number;

    /// <summary>Keeps a valid inbound one that holds no key, makes one otherwise, and puts it on the response.</summary>
    public static string Assign(HttpContext context, KeyMask mask)
    {
        var inbound = context.Request.Headers[Header];
        var id = inbound is [{ Length: > 0 and <= 64 } given] && given.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':')
            && mask.Clean(given) == given
                ? given
                : $"{Process}{Interlocked.Increment(ref Number) * Spread:x16}";
        context.Response.Headers[Header] = id;
        context.TraceIdentifier = id;
        return id;
    }

    public static string Of(HttpContext context) => context.TraceIdentifier;
}
