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
        if (!ReadOnly.IsRead(context))
        {
            return ReadOnly.RefuseAsync(context, errors);
        }

        // While it is down a balancer keeps the requests away that would refresh the ring.
        refresher.Touch();
        var isUp = isConfigured && ring.Current.HasAvailableKey;
        return JsonAnswer.WriteAsync(context, isUp ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
            json => json.WriteString("status"u8, isUp ? "ok"u8 : "unavailable"u8));
    }

    public ValueTask GreetAsync(HttpContext context) => ReadOnly.IsRead(context)
        ? ReadOnly.WriteAsync(context, Greeting, "text/plain; charset=utf-8")
        : ReadOnly.RefuseAsync(context, errors);
}
