namespace GeminiEdge.Failover.Verdicts;

/// <summary>The HTTP status that an error inside a 200 would have had.</summary>
internal static class InnerStatus
{
    public static int Of(UpstreamError error) => error.Code is >= 400 and < 600 and var code ? code : error.Status?.ToUpperInvariant() switch
    {
        "INVALID_ARGUMENT" or "INVALID_REQUEST" or "FAILED_PRECONDITION" or "OUT_OF_RANGE" => 400,
        "UNAUTHENTICATED" => 401,
        "PAYMENT_REQUIRED" => 402,
        "PERMISSION_DENIED" => 403,
        "NOT_FOUND" => 404,
        "ABORTED" or "ALREADY_EXISTS" => 409,
        "RESOURCE_EXHAUSTED" or "RATE_LIMIT_EXCEEDED" or "QUOTA_EXCEEDED" or "TOO_MANY_REQUESTS" => 429,
        "CANCELLED" => 499,
        "UNIMPLEMENTED" => 501,
        "UNAVAILABLE" or "OVERLOADED" => 503,
        "DEADLINE_EXCEEDED" => 504,
        _ => 500,
    };
}
