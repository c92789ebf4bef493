namespace GeminiEdge.Failover.Verdicts;

/// <summary>An upstream answer that is not a success, with what is needed to judge it.</summary>
/// <param name="Status">The HTTP status; for an error inside a 200, the code in the error.</param>
/// <param name="Error">What the body says.</param>
/// <param name="TextBytes">Size of the text in the caller's body: a request may be larger than a whole minute's quota.</param>
/// <param name="RetryAfter">The Retry-After header, which Gemini hardly ever sends.</param>
/// <param name="InSuccess">The error stands inside an answer that began as a success.</param>
/// <param name="OwnProject">The key's own project, as <c>projects/123</c>, where it is known.</param>
internal sealed record UpstreamFailure(
    int Status, UpstreamError Error, long TextBytes = 0, TimeSpan? RetryAfter = null, bool InSuccess = false, string? OwnProject = null)
{
    /// <summary>How long Google asks to wait, wherever it says so.</summary>
    public TimeSpan? Delay => Longer(Error.RetryDelay ?? RetryAfter, WaitInWords.Find(Error.Message));

    /// <summary>Google doesn't know the key, and says that it means the key.</summary>
    public bool SaysKeyIsInvalid =>
        HasReason("API_KEY_INVALID") || (Status == 400 && Says("API key not valid", "API key not found", "API key expired"));

    /// <summary>Another project than the key's own is refused: the request names it.</summary>
    public bool IsAboutAnotherProject => OwnProject is not null && Error.Consumer is { } consumer && consumer != OwnProject;

    // Google's field is cut to whole seconds, and came with 0 where its words said 37.
    private static TimeSpan? Longer(TimeSpan? field, TimeSpan? words) =>
        field is null || words > field + TimeSpan.FromSeconds(1) ? words : field;

    /// <summary>The reason is one of these.</summary>
    public bool HasReason(params ReadOnlySpan<string> reasons) => Error.Reason is not null && reasons.Contains(Error.Reason);

    /// <summary>The error is known by this word instead of a number, as Interactions does.</summary>
    public bool HasCode(string word) => word.Equals(Error.Word, StringComparison.OrdinalIgnoreCase);

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
