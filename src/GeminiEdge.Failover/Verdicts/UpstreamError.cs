using System.Collections.Immutable;

namespace GeminiEdge.Failover.Verdicts;

/// <summary>One violated quota of a <c>google.rpc.QuotaFailure</c>, or of an ErrorInfo's metadata.</summary>
/// <param name="Id">The only field that tells a minute from a day: <c>…PerMinute…</c>, <c>…PerDay…</c>.</param>
/// <param name="Value">The limit, if it was sent and is a number.</param>
/// <param name="Metric">What is counted, as <c>generativelanguage.googleapis.com/generate_content_free_tier_requests</c>; "" if it isn't said.</param>
internal readonly record struct QuotaViolation(string Id, long? Value, string Metric = "");

/// <summary>What an upstream error body says, in whichever of its shapes it came.</summary>
internal sealed record UpstreamError
{
    /// <summary>A body that says nothing: empty, HTML, cut or garbage.</summary>
    public static readonly UpstreamError Unreadable = new();

    /// <summary>The HTTP code inside the body; absent when it is a word (Interactions) or missing.</summary>
    public int? Code { get; init; }

    /// <summary>The google.rpc status (<c>RESOURCE_EXHAUSTED</c>), or the word used as a code.</summary>
    public string? Status { get; init; }

    /// <summary>The word used as a code, as Interactions does.</summary>
    public string? Word { get; init; }

    /// <summary>The text for humans; callers can make Google echo their own words in it.</summary>
    public string Message { get; init; } = "";

    /// <summary>The reason of the first ErrorInfo.</summary>
    public string? Reason { get; init; }

    /// <summary>The project that was charged, as <c>projects/123</c>.</summary>
    public string? Consumer { get; init; }

    /// <summary>The request itself was found faulty, field by field.</summary>
    public bool HasFieldViolations { get; init; }

    /// <summary>The violated quotas, all of them.</summary>
    public ImmutableArray<QuotaViolation> Quotas { get; init; } = [];

    /// <summary>The quota that an ErrorInfo names in its metadata.</summary>
    public QuotaViolation? NamedQuota { get; init; }

    /// <summary>How long Google asks to wait, truncated to whole seconds by Google.</summary>
    public TimeSpan? RetryDelay { get; init; }
}
