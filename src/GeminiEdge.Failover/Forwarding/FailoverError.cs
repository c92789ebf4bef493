using System.Collections.Immutable;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>An error that is not the upstream's; one row for each code that callers may rely on.</summary>
/// <param name="Code">The stable code.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">What it is, the same every time.</param>
/// <param name="GoogleStatus">The status word that Google's SDKs expect beside the HTTP status.</param>
internal sealed record FailoverError(string Code, int Status, string Title, string GoogleStatus)
{
    public static readonly FailoverError InvalidRequest = new("invalid_request", 400, "The request is not valid.", "INVALID_ARGUMENT");
    public static readonly FailoverError UploadNotFound = new("upload_not_found", 404, "The key that began this upload is no longer in the key ring.", "NOT_FOUND");
    public static readonly FailoverError MethodNotAllowed = new("method_not_allowed", 405, "This address does not take this method.", "INVALID_ARGUMENT");
    public static readonly FailoverError BodyTooLarge = new("body_too_large", 413, "The request body is too large.", "INVALID_ARGUMENT");
    public static readonly FailoverError AllKeysFailed = new("all_keys_failed", 502, "Every key has failed.", "UNAVAILABLE");
    public static readonly FailoverError NoKeysConfigured = new("no_keys_configured", 503, "The edge has no upstream key.", "UNAVAILABLE");
    public static readonly FailoverError UpstreamUnreachable = new("upstream_unreachable", 503, "The upstream could not be reached.", "UNAVAILABLE");
    public static readonly FailoverError Overloaded = new("overloaded", 503, "The edge holds as many request bodies as it may.", "UNAVAILABLE");
    public static readonly FailoverError DeadlineExceeded = new("deadline_exceeded", 504, "The upstream did not answer in time.", "DEADLINE_EXCEEDED");
    public static readonly FailoverError OutcomeUnknown = new("outcome_unknown", 504, "Nobody knows whether the upstream has done it.", "DEADLINE_EXCEEDED");

    /// <summary>The same error with a status that some clients wait and repeat at, as they do at Google's own 429.</summary>
    public FailoverError As(int status) => status == Status ? this : this with { Status = status, GoogleStatus = status == 429 ? "RESOURCE_EXHAUSTED" : GoogleStatus };

    /// <summary>The upstream refused the request itself; its status is kept.</summary>
    public static FailoverError UpstreamRejected(int status) => new("upstream_rejected", status, "The upstream rejected the request.", "INVALID_ARGUMENT");

    /// <summary>Every code but <c>upstream_rejected</c>, whose status varies.</summary>
    public static ImmutableArray<FailoverError> All { get; } =
        [InvalidRequest, UploadNotFound, MethodNotAllowed, BodyTooLarge, AllKeysFailed, NoKeysConfigured, UpstreamUnreachable, Overloaded, DeadlineExceeded, OutcomeUnknown];
}
