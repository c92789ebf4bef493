using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Telemetry;

/// <summary>
/// Writes one line for each attempt: <c>gemini_ok</c>, <c>gemini_fail</c>, <c>gemini_reject</c> or <c>gemini_cancel</c>.
/// Names and fields are a public interface: alerts query them. Not by way of <c>ILogger</c>, which would cost each
/// request its boxes.
/// </summary>
internal sealed class AttemptLines(JsonLines lines, KeyMask mask) : FailoverObserver
{
    public override void AttemptEnded(in AttemptRecord attempt)
    {
        var (name, level) = attempt.Event;
        lines.End(lines.Begin(name, level)
            .Add("key_id", attempt.Key.Id)
            .Add("slot", attempt.Key.Slot.Name())
            .Add("key_version", attempt.Key.Version)
            .Add("request_id", attempt.RequestId)
            .Add("attempt", attempt.Attempt)
            .Add("model", attempt.Model is null ? null : mask.Clean(attempt.Model))
            .Add("fallback_from", attempt.FallbackFrom is null ? null : mask.Clean(attempt.FallbackFrom))
            .Add("method", mask.Clean(attempt.Method))
            .Add("kind", attempt.Kind.Name())
            .Add("status", attempt.Status)
            .Add("google_status", attempt.GoogleStatus is null ? null : mask.Clean(attempt.GoogleStatus))
            .Add("verdict", Consequence.Of(attempt.Verdict).Name)
            .Add("network", attempt.Network?.Name())
            .Add("next", attempt.Next.Name())
            .Add("duration_ms", AttemptRecord.Milliseconds(attempt.Duration))
            .Add("ttft_ms", AttemptRecord.Milliseconds(attempt.TimeToFirstByte))
            .Add("streamed", attempt.Streamed)
            .Add("committed", attempt.Committed)
            .Add("cooldown_s", (long?)attempt.Cooldown?.TotalSeconds)
            .Add("round", attempt.LaterRound)
            .Add("hedge", attempt.IsHedge)
            .Add("waited_ms", attempt.WaitedMilliseconds)
            .Add("prompt_tokens", attempt.PromptTokens)
            .Add("output_tokens", attempt.OutputTokens)
            .Add("hops", attempt.Hops));
    }
}
