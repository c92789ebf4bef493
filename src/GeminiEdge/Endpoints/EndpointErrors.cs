using System.Collections.Immutable;
using GeminiEdge.Failover.Forwarding;

namespace GeminiEdge.Endpoints;

/// <summary>The errors of the edge's own HTTP interface, beside those of the failover.</summary>
internal static class EndpointErrors
{
    public static readonly FailoverError Unauthorized = new("unauthorized", 401, "No valid key was presented to the edge.", "UNAUTHENTICATED");
    public static readonly FailoverError NotFound = new("not_found", 404, "There is nothing at this address.", "NOT_FOUND");
    public static readonly FailoverError LiveNotSupported = new("live_not_supported", 404, "The Live API is not supported.", "UNIMPLEMENTED");
    public static readonly FailoverError RequestTimeout = new("request_timeout", 408, "The request body arrived too slowly.", "DEADLINE_EXCEEDED");
    public static readonly FailoverError UnsupportedMediaType = new("unsupported_media_type", 415, "The request body is in a form that is not taken.", "INVALID_ARGUMENT");
    public static readonly FailoverError TooManyPages = new("too_many_pages", 503, "Too many status pages are open.", "UNAVAILABLE");
    public static readonly FailoverError InternalError = new("internal_error", 500, "The edge itself failed.", "INTERNAL");
    public static readonly FailoverError InvalidConfiguration = new("invalid_configuration", 503, "The edge's settings are not valid.", "UNAVAILABLE");
    public static readonly FailoverError VaultUnreachable = new("vault_unreachable", 503, "The key vault could not be read.", "UNAVAILABLE");

    /// <summary>A stream of <c>/api/generate</c> ended too early; only ever seen as its <c>error</c> event.</summary>
    public static readonly FailoverError UpstreamCut = new("upstream_cut", 502, "The answer is cut.", "UNAVAILABLE");

    /// <summary>The edge shut down in the middle of a stream of <c>/api/generate</c>; only ever seen as its <c>error</c> event.</summary>
    public static readonly FailoverError EdgeStopped = new("edge_stopped", 503, "The edge is shutting down.", "UNAVAILABLE");

    /// <summary>Every code that a caller can get but <c>upstream_rejected</c>, whose status varies.</summary>
    public static ImmutableArray<FailoverError> All { get; } =
    [
        Unauthorized, NotFound, LiveNotSupported, RequestTimeout, UnsupportedMediaType, TooManyPages, InternalError, InvalidConfiguration,
        VaultUnreachable, UpstreamCut, EdgeStopped, .. FailoverError.All,
    ];
}
