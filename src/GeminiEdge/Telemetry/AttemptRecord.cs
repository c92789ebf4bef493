using GeminiEdge.Keys;
using GeminiEdge.Verdicts;

namespace GeminiEdge.Telemetry;

/// <summary>What a request does after an attempt; <c>next</c> in logs.</summary>
internal enum NextAction
{
    Return,
    NextKey,
    Exhausted,
}

/// <summary>Everything that is logged about one attempt. Never a prompt, an answer or a key.</summary>
internal sealed record AttemptRecord
{
    public required RingKey Key { get; init; }

    public required string RequestId { get; init; }

    public required int Attempt { get; init; }

    public required string Method { get; init; }

    public string? Model { get; init; }

    public required Verdict Verdict { get; init; }

    public required NextAction Next { get; init; }

    public int? Status { get; init; }

    public string? GoogleStatus { get; init; }

    public required TimeSpan Duration { get; init; }

    public TimeSpan? TimeToFirstByte { get; init; }

    public bool Streamed { get; init; }

    public bool Committed { get; init; }

    public TimeSpan? Cooldown { get; init; }

    public long? PromptTokens { get; init; }

    public long? OutputTokens { get; init; }
}
