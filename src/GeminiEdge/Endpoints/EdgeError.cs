using System.Collections.Immutable;

namespace GeminiEdge.Endpoints;

/// <summary>An error of the edge itself; one row for each code that callers may rely on.</summary>
/// <param name="Code">The stable code.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">What it is, the same every time.</param>
/// <param name="GoogleStatus">The status word that Google's SDKs expect beside the HTTP status.</param>
internal sealed record EdgeError(string Code, int Status, string Title, string GoogleStatus)
{
    public static readonly EdgeError InvalidRequest = new("invalid_request", 400, "The request is not valid.", "INVALID_ARGUMENT");
    public static readonly EdgeError Unauthorized = new("unauthorized", 401, "No valid key was presented to the edge.", "UNAUTHENTICATED");
    public static readonly EdgeError NotFound = new("not_found", 404, "There is nothing at this address.", "NOT_FOUND");
    public static readonly EdgeError LiveNotSupported = new("live_not_supported", 404, "The Live API is not supported.", "UNIMPLEMENTED");
    public static readonly EdgeError UploadNotFound = new("upload_not_found", 404, "The key that began this upload is no longer in the key ring.", "NOT_FOUND");
    public static readonly EdgeError MethodNotAllowed = new("method_not_allowed", 405, "This address does not take this method.", "INVALID_ARGUMENT");
    public static readonly EdgeError RequestTimeout = new("request_timeout", 408, "The request body arrived too slowly.", "DEADLINE_EXCEEDED");
    public static readonly EdgeError BodyTooLarge = new("body_too_large", 413, "The request body is too large.", "INVALID_ARGUMENT");
    public static readonly EdgeError UnsupportedMediaType = new("unsupported_media_type", 415, "The request body is not JSON.", "INVALID_ARGUMENT");
    public static readonly EdgeError InternalError = new("internal_error", 500, "The edge itself failed.", "INTERNAL");
    public static readonly EdgeError AllKeysFailed = new("all_keys_failed", 502, "Every key has failed.", "UNAVAILABLE");
    public static readonly EdgeError NoKeysConfigured = new("no_keys_configured", 503, "The edge has no upstream key.", "UNAVAILABLE");
    public static readonly EdgeError InvalidConfiguration = new("invalid_configuration", 503, "The edge's settings are not valid.", "UNAVAILABLE");
    public static readonly EdgeError VaultUnreachable = new("vault_unreachable", 503, "The key vault could not be read.", "UNAVAILABLE");
    public static readonly EdgeError UpstreamUnreachable = new("upstream_unreachable", 503, "The upstream could not be reached.", "UNAVAILABLE");
    public static readonly EdgeError Overloaded = new("overloaded", 503, "The edge holds as many request bodies as it may.", "UNAVAILABLE");
    public static readonly EdgeError DeadlineExceeded = new("deadline_exceeded", 504, "The upstream did not answer in time.", "DEADLINE_EXCEEDED");
    public static readonly EdgeError OutcomeUnknown = new("outcome_unknown", 504, "Nobody knows whether the upstream has done it.", "DEADLINE_EXCEEDED");

    /// <summary>A stream of <c>/api/generate</c> ended too early; only ever seen as its <c>error</c> event.</summary>
    public static readonly EdgeError UpstreamCut = new("upstream_cut", 502, "The answer is cut.", "UNAVAILABLE");

    /// <summary>The upstream refused the request itself; its status is kept.</summary>
    public static EdgeError UpstreamRejected(int status) => new("upstream_rejected", status, "The upstream rejected the request.", "INVALID_ARGUMENT");

    /// <summary>Every code but <c>upstream_rejected</c>, whose status varies.</summary>
    public static ImmutableArray<EdgeError> All { get; } =
    [
        InvalidRequest, Unauthorized, NotFound, LiveNotSupported, UploadNotFound, MethodNotAllowed, RequestTimeout, BodyTooLarge,
        UnsupportedMediaType, InternalError, AllKeysFailed, NoKeysConfigured, InvalidConfiguration, VaultUnreachable, UpstreamUnreachable, Overloaded, DeadlineExceeded, OutcomeUnknown,
        UpstreamCut,
    ];
}
