using System.Diagnostics;
using GeminiEdge.Access;
using GeminiEdge.Endpoints;
using GeminiEdge.Failover.Forwarding;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge;

/// <summary>The span of one request: the server's, or below the host's own where that makes one.</summary>
internal static class RequestSpan
{
    /// <summary>Its name below another one.</summary>
    public const string Name = "gemini_edge.request";

    /// <summary>Begins it, below the host's or as the next of the caller's trace; null while nobody wants it.</summary>
    public static Activity? Begin(HttpContext context) => EdgeSpans.Source.HasListeners() ? Start(context) : null;

    /// <summary>Ends it with what is known of the request. Its path is not: callers can write anything there.</summary>
    public static void End(Activity span, HttpContext context)
    {
        var (method, route, status) = (MethodOf(context), RouteOf(context), context.Response.StatusCode);
        if (span.Kind == ActivityKind.Server)
        {
            span.DisplayName = route is null ? method : $"{method} {route}";
        }

        span.SetTag("http.request.method", method)
            .SetTag("http.route", route)
            .SetTag("http.response.status_code", status)
            .SetTag("gemini_edge.request_id", RequestId.Of(context));
        if (status >= 500)
        {
            span.SetTag("error.type", $"{status}").SetStatus(ActivityStatusCode.Error);
        }

        span.Stop();
    }

    private static Activity? Start(HttpContext context)
    {
        // The state of the trace is not kept: nobody below gets it, and a caller can write anything there.
        var isTraced = ActivityContext.TryParse(context.Request.Headers.TraceParent, null, isRemote: true, out var parent);

        // A host that knows nothing of the caller's trace begins one of its own: then the caller's counts.
        return Activity.Current is { } host && (!isTraced || host.ParentId is not null || host.TraceId == parent.TraceId)
            ? EdgeSpans.Source.StartActivity(Name)
            : EdgeSpans.Source.StartActivity(Name, ActivityKind.Server, parent);
    }

    private static string MethodOf(HttpContext context) => context.Request.Method is "GET" or "HEAD" or "POST" or "PUT" or "PATCH" or "DELETE" or "OPTIONS" ? context.Request.Method : "_OTHER";

    private static string? RouteOf(HttpContext context) => RawTarget.AreaOf(context) switch
    {
        Area.Root => "/",
        Area.Health => "/api/health",
        Area.Admin => "/api/admin/{*path}",
        Area.Api => "/api/{*path}",
        Area.Native => "/{version}/{*path}",
        Area.Live => "/ws/{*path}",
        _ => null,
    };
}
