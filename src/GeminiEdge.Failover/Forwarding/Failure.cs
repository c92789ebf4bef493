using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>What a caller is told of attempts that ended without an answer.</summary>
/// <param name="Error">Which error it is.</param>
/// <param name="Detail">What happened and what to do.</param>
/// <param name="Attempts">Each key's part in it.</param>
/// <param name="RetryAfter">When the same request may succeed, if waiting helps.</param>
internal readonly record struct Failure(FailoverError Error, string Detail, ImmutableArray<AttemptSummary> Attempts, TimeSpan? RetryAfter = null)
{
    /// <summary>The wait as the header Retry-After tells it.</summary>
    public long? RetryAfterSeconds => Seconds(RetryAfter);

    /// <summary>A wait in whole seconds, never too short.</summary>
    public static long? Seconds(TimeSpan? wait) => wait is { } time ? Math.Max(1, (long)Math.Ceiling(time.TotalSeconds)) : null;

    /// <summary>Not for a caller who left.</summary>
    /// <param name="hasVault">The keys come from a key vault.</param>
    /// <param name="exhaustedStatus">The status of a request that every key has failed, where waiting helps.</param>
    public static Failure Of(ForwardResult result, bool hasVault, int exhaustedStatus) => result.Outcome switch
    {
        ForwardOutcome.Unreachable => new(FailoverError.UpstreamUnreachable,
            $"No connection to the upstream could be opened{(result.Attempts is [.., { Network: { } fault }] ? $" ({fault.Name()})" : "")}; nothing was sent. Try again.",
            result.Attempts, TimeSpan.FromSeconds(1)),
        ForwardOutcome.NoKeysConfigured when hasVault => new(FailoverError.NoKeysConfigured,
            "The key vault holds no usable key, or can't be read: the log's configuration_warning and vault_unreachable lines say which. It is read again all the time.",
            [], TimeSpan.FromSeconds(1)),
        ForwardOutcome.NoKeysConfigured => new(FailoverError.NoKeysConfigured,
            "Set GEMINI_API_KEY_PRIMARY (and GEMINI_API_KEY_SECONDARY) in the environment or the app settings.", []),
        ForwardOutcome.AllKeysFailed => new(result.RetryAfter is null ? FailoverError.AllKeysFailed : FailoverError.AllKeysFailed.As(exhaustedStatus),
            $"GeminiEdge: {Named(result.Attempts)}.{(result.RetryAfter is null ? " Waiting will not help: an operator has to replace or restore a key." : "")}",
            result.Attempts, result.RetryAfter),
        ForwardOutcome.DeadlineExceeded => new(FailoverError.DeadlineExceeded, "The time for this request ran out before every key was tried to the end.", result.Attempts),
        ForwardOutcome.UploadKeyGone => new(FailoverError.UploadNotFound, "The key that began this upload has left the key ring. Start the upload again.", []),
        _ => new(FailoverError.OutcomeUnknown,
            "The upstream may have done what was asked before the connection failed. Look before repeating it: repeating may do it twice.", result.Attempts),
    };

    /// <summary>
    /// As <c>PRIMARY …000a key_invalid (400), SECONDARY …000b quota_day (skipped)</c>: SDKs show the message alone. What a key has said
    /// in several rounds stands there once.
    /// </summary>
    private static string Named(ImmutableArray<AttemptSummary> attempts) => string.Join(", ", attempts.Select(attempt =>
        $"{attempt.Key.Slot.Name()} …{attempt.Key.Id} {(attempt.Model is { } model ? $"{model} " : "")}{Consequence.Of(attempt.Verdict).Name}{Why(attempt)}")
        .GroupBy(said => said).Select(said => said.Count() == 1 ? said.Key : $"{said.Key} ×{said.Count()}"));

    private static string Why(AttemptSummary attempt) => attempt switch
    {
        { Skipped: true } => " (skipped)",
        { Network: { } fault } => $" ({fault.Name()})",
        { Status: { } status } => $" ({status})",
        _ => "",
    };
}
