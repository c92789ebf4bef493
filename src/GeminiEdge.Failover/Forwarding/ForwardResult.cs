using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>How the attempts for a request ended.</summary>
internal enum ForwardOutcome
{
    /// <summary>An upstream success waits to be copied.</summary>
    Answered,

    /// <summary>An upstream answer that is no success goes to the caller as it is.</summary>
    ReturnedAsIs,
    AllKeysFailed,
    NoKeysConfigured,
    DeadlineExceeded,

    /// <summary>Nobody knows whether the upstream did it, and it must not be done twice.</summary>
    OutcomeUnknown,

    /// <summary>No connection was opened, and no other key may do it: nothing was done.</summary>
    Unreachable,

    /// <summary>The key that began this upload is gone.</summary>
    UploadKeyGone,
    ClientGone,
}

/// <summary>The end of the attempts, and what the caller is to be told.</summary>
internal sealed record ForwardResult(ForwardOutcome Outcome)
{
    /// <summary>The attempt whose answer goes to the caller; whoever takes the result disposes of it.</summary>
    public Attempt? Attempt { get; init; }

    public RingKey? LastKey { get; init; }

    /// <summary>Which model has answered, where more than one could be asked.</summary>
    public string? AnsweredBy { get; init; }

    public int AttemptCount { get; init; }

    public ImmutableArray<AttemptSummary> Attempts { get; init; } = [];

    /// <summary>Which version of the model answers, where it is known before the first byte.</summary>
    public string? ModelVersion => Outcome == ForwardOutcome.Answered ? Attempt?.Model.Version?.Text : null;

    /// <summary>Why the caller's body could not be read to its end.</summary>
    public Exception? CallerFault { get; init; }

    /// <summary>When the same request may succeed, if waiting helps.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
