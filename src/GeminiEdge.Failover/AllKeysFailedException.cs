namespace GeminiEdge.Failover;

/// <summary>Every key has failed. The message names each key by its slot and last four characters, with its verdict.</summary>
#pragma warning disable CA1032 // Nobody else throws it, so it needs no other constructors.
public sealed class AllKeysFailedException : Exception
#pragma warning restore CA1032
{
    internal AllKeysFailedException(string message, IReadOnlyList<KeyAttempt> attempts, TimeSpan? retryAfter)
        : base(message) => (Attempts, RetryAfter) = (attempts, retryAfter);

    /// <summary>What became of each key, the attempts before those that were skipped.</summary>
    public IReadOnlyList<KeyAttempt> Attempts { get; }

    /// <summary>When the same request may succeed; null when waiting doesn't help and an operator has to act.</summary>
    public TimeSpan? RetryAfter { get; }
}
