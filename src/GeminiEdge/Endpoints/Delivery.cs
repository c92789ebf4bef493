using GeminiEdge.Failover.Forwarding;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary>When an answer is the caller's.</summary>
internal static class Delivery
{
    /// <summary>The last of it goes out now: a caller who is there has everything, and may go.</summary>
    public static void DeliverTo(this Attempt attempt, HttpContext context)
    {
        if (!context.RequestAborted.IsCancellationRequested)
        {
            attempt.Deliver();
        }
    }
}
