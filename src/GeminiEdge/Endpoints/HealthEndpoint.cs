using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary><c>GET /api/health</c> and the greeting at <c>/</c>: open to anyone, so they tell nothing else.</summary>
internal sealed class HealthEndpoint(KeyRingProvider ring, KeyRefresher refresher, ErrorWriter errors)
{
    private static readonly byte[] Greeting = "GeminiEdge is running. POST a prompt to /api/generate.\n"u8.ToArray();

    /// <param name="isConfigured">The settings are usable.</param>
    public ValueTask HandleAsync(HttpContext context, bool isConfigured)
    {
        if (!IsRead(context.Request.Method))
        {
            return RefuseAsync(context);
        }

        // While it is down a balancer keeps the requests away that would refresh the ring.
        refresher.Touch();
        var isUp = isConfigured && ring.Current.HasAvailableKey;
        return JsonAnswer.WriteAsync(context, isUp ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
            json => json.WriteString("status"u8, isUp ? "ok"u8 : "unavailable"u8));
    }

    public async ValueTask GreetAsync(HttpContext context)
    {
        if (!IsRead(context.Request.Method))
        {
            await RefuseAsync(context);
            return;
        }

        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.ContentLength = Greeting.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(Greeting, context.RequestAborted);
        }
    }

    private static bool IsRead(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);

    private ValueTask RefuseAsync(HttpContext context)
    {
        context.Response.Headers.Allow = "GET, HEAD";
        return errors.WriteAsync(context, FailoverError.MethodNotAllowed, "Read it with GET.");
    }
}
