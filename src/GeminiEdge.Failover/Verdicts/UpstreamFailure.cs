namespace GeminiEdge.Failover.Verdicts;

/// <summary>An upstream answer that is not a success, with what is needed to judge it.</summary>
/// <param name="Status">The HTTP status; for an error inside a 200, the code in the error.</param>
/// <param name="Error">What the body says.</param>
/// <param name="RequestBytes">Size of the caller's body: a request may be larger than a whole minute's quota.</param>
/// <param name="RetryAfter">The Retry-After header, which Gemini hardly ever sends.</param>
internal readonly record struct UpstreamFailure(int Status, UpstreamError Error, long RequestBytes = 0, TimeSpan? RetryAfter = null)
{
    /// <summary>How long Google asks to wait, where it says so for machines to read.</summary>
    public TimeSpan? Delay => Error.RetryDelay ?? RetryAfter;

    /// <summary>The reason is one of these.</summary>
    public bool HasReason(params ReadOnlySpan<string> reasons) => Error.Reason is not null && reasons.Contains(Error.Reason);

    /// <summary>
    /// The message begins like this. Callers can make Google quote them, so messages count only where Google gives
    /// no reason of its own and doesn't blame a field of the request, and only from their first character on.
    /// </summary>
    public bool Says(params ReadOnlySpan<string> beginnings)
    {
        if (Error.Reason is not null || Error.HasFieldViolations)
        {
            return false;
        }

        foreach (var beginning in beginnings)
        {
            if (Error.Message.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
