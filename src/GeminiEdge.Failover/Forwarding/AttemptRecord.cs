using System.Diagnostics;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>What a request does after an attempt; <c>next</c> in logs.</summary>
internal enum NextAction
{
    Return,
    NextKey,
    Exhausted,
}

/// <summary>The actions' public names.</summary>
internal static class NextActions
{
    public static string Name(this NextAction next) => next switch
    {
        NextAction.Return => "return",
        NextAction.NextKey => "next_key",
        _ => "exhausted",
    };
}

/// <summary>Everything that is logged about one attempt. Never a prompt, an answer or a key.</summary>
internal readonly record struct AttemptRecord()
{
    /// <summary>The event's name, a public interface, and how much it matters.</summary>
    public (string Name, LogLevel Level) Event => Verdict switch
    {
        Verdict.Ok => ("gemini_ok", LogLevel.Information),
        Verdict.ClientGone or Verdict.EdgeStopped or Verdict.Hedge => ("gemini_cancel", LogLevel.Information),
        Verdict.CallerError => ("gemini_reject", LogLevel.Information),
        Verdict.ResourceDenied or Verdict.RequestTooLargeForQuota when Next == NextAction.Return => ("gemini_reject", LogLevel.Information),
        _ => ("gemini_fail", Consequence.Of(Verdict).Alarm ? LogLevel.Error : LogLevel.Warning),
    };

    public required RingKey Key { get; init; }

    public required string RequestId { get; init; }

    public required int Attempt { get; init; }

    public required string Method { get; init; }

    public required CallKind Kind { get; init; }

    public string? Model { get; init; }

    /// <summary>Which version of it answered, where the answer said so.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>The model that the caller asked for, where another one was asked; else null.</summary>
    public string? FallbackFrom { get; init; }

    public required Verdict Verdict { get; init; }

    /// <summary>With the verdict <c>network</c>: what it was.</summary>
    public NetworkFault? Network { get; init; }

    public required NextAction Next { get; init; }

    public int? Status { get; init; }

    public string? GoogleStatus { get; init; }

    public required TimeSpan Duration { get; init; }

    public TimeSpan? TimeToFirstByte { get; init; }

    public bool Streamed { get; init; }

    public bool Committed { get; init; }

    public TimeSpan? Cooldown { get; init; }

    /// <summary>How long its request waited for a key before it; zero for not at all.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>In which round of its request; 1 for the first.</summary>
    public int Round { get; init; } = 1;

    /// <summary>It and another one were made at the same time.</summary>
    public bool Hedged { get; init; }

    /// <summary>It is the second of the two.</summary>
    public bool IsBeside { get; init; }

    /// <summary>It was refused, but for the request's own sake.</summary>
    public bool IsAboutRequest { get; init; }

    /// <summary>What it counts as in the fleet register; null for nothing.</summary>
    public Outcome? CountsAs => IsAboutRequest ? Outcome.Caller : Consequence.Of(Verdict).CountsAs;

    public long? PromptTokens { get; init; }

    public long? OutputTokens { get; init; }

    /// <summary>How many redirects it followed; null for none.</summary>
    public int? Hops { get; init; }

    /// <summary>Its span, to be ended; null while nobody wants it.</summary>
    public Activity? Span { get; init; }

    /// <summary>As logs show it: only of those who waited.</summary>
    public long? WaitedMilliseconds => Waited == TimeSpan.Zero ? null : Milliseconds(Waited);

    /// <summary>As logs show it: only of a second round and later ones.</summary>
    public int? LaterRound => Round == 1 ? null : Round;

    /// <summary>As logs show it: true, or nothing.</summary>
    public bool? IsHedge => Hedged ? true : null;

    /// <summary>A duration as logs show it.</summary>
    public static long? Milliseconds(TimeSpan? duration) => duration is { } d ? (long)Math.Round(d.TotalMilliseconds) : null;
}
