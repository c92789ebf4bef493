using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// Each attempt as an <see cref="ILogger"/> event, for whoever uses the library. The edge writes its own lines and
/// doesn't register this. Names and fields are a public interface: alerts query them.
/// </summary>
internal sealed partial class AttemptLog(ILogger<AttemptLog> log, KeyMask mask) : FailoverObserver
{
    private const string Text = "{slot} …{key_id}: {verdict} ({status}), {next}; request {request_id}, attempt {attempt}, {method} {model}, {duration_ms} ms.";

    public override void AttemptEnded(in AttemptRecord attempt)
    {
        var (name, level) = attempt.Event;
        if (!log.IsEnabled(level))
        {
            return;
        }

        Write write = name switch
        {
            "gemini_ok" => Ok,
            "gemini_cancel" => Cancel,
            "gemini_reject" => Reject,
            _ => Fail,
        };
        write(
            log,
            level,
            attempt.Key.Id,
            attempt.Key.Slot.Name(),
            attempt.Key.Version,
            attempt.RequestId,
            attempt.Attempt,
            attempt.Model is null ? null : mask.Clean(attempt.Model),
            attempt.FallbackFrom is null ? null : mask.Clean(attempt.FallbackFrom),
            mask.Clean(attempt.Method),
            attempt.Kind.Name(),
            attempt.Status,
            attempt.GoogleStatus is null ? null : mask.Clean(attempt.GoogleStatus),
            Consequence.Of(attempt.Verdict).Name,
            attempt.Network?.Name(),
            attempt.Next.Name(),
            AttemptRecord.Milliseconds(attempt.Duration),
            AttemptRecord.Milliseconds(attempt.TimeToFirstByte),
            attempt.Streamed,
            attempt.Committed,
            (long?)attempt.Cooldown?.TotalSeconds,
            attempt.LaterRound,
            attempt.IsHedge,
            attempt.WaitedMilliseconds,
            attempt.PromptTokens,
            attempt.OutputTokens,
            attempt.Hops);
    }

    private delegate void Write(
        ILogger log, LogLevel level, string key_id, string slot, string? key_version, string request_id, int attempt, string? model, string? fallback_from, string method, string kind, int? status,
        string? google_status, string verdict, string? network, string next, long? duration_ms, long? ttft_ms, bool streamed, bool committed, long? cooldown_s, int? round, bool? hedge, long? waited_ms, long? prompt_tokens, long? output_tokens, int? hops);

#pragma warning disable SYSLIB1015 // Every field is in the record; the text is for people.
    [LoggerMessage(EventName = "gemini_ok", Message = Text)]
    private static partial void Ok(
        ILogger log, LogLevel level, string key_id, string slot, string? key_version, string request_id, int attempt, string? model, string? fallback_from, string method, string kind, int? status,
        string? google_status, string verdict, string? network, string next, long? duration_ms, long? ttft_ms, bool streamed, bool committed, long? cooldown_s, int? round, bool? hedge, long? waited_ms, long? prompt_tokens, long? output_tokens, int? hops);

    [LoggerMessage(EventName = "gemini_fail", Message = Text)]
    private static partial void Fail(
        ILogger log, LogLevel level, string key_id, string slot, string? key_version, string request_id, int attempt, string? model, string? fallback_from, string method, string kind, int? status,
        string? google_status, string verdict, string? network, string next, long? duration_ms, long? ttft_ms, bool streamed, bool committed, long? cooldown_s, int? round, bool? hedge, long? waited_ms, long? prompt_tokens, long? output_tokens, int? hops);

    [LoggerMessage(EventName = "gemini_reject", Message = Text)]
    private static partial void Reject(
        ILogger log, LogLevel level, string key_id, string slot, string? key_version, string request_id, int attempt, string? model, string? fallback_from, string method, string kind, int? status,
        string? google_status, string verdict, string? network, string next, long? duration_ms, long? ttft_ms, bool streamed, bool committed, long? cooldown_s, int? round, bool? hedge, long? waited_ms, long? prompt_tokens, long? output_tokens, int? hops);

    [LoggerMessage(EventName = "gemini_cancel", Message = Text)]
    private static partial void Cancel(
        ILogger log, LogLevel level, string key_id, string slot, string? key_version, string request_id, int attempt, string? model, string? fallback_from, string method, string kind, int? status,
        string? google_status, string verdict, string? network, string next, long? duration_ms, long? ttft_ms, bool streamed, bool committed, long? cooldown_s, int? round, bool? hedge, long? waited_ms, long? prompt_tokens, long? output_tokens, int? hops);
#pragma warning restore SYSLIB1015
}
