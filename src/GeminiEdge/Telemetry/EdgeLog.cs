using GeminiEdge.Fleet;
using GeminiEdge.Keys;
using GeminiEdge.Verdicts;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Telemetry;

/// <summary>
/// The events of the edge. Their names and fields are a public interface: alerts query them, so renaming one is no
/// refactoring. Where there is a fleet register, what it shows of them is counted here too.
/// </summary>
internal sealed class EdgeLog(LogSink sink, KeyMask mask, FleetCounts? fleet = null)
{
    /// <summary><c>gemini_ok</c>, <c>gemini_fail</c>, <c>gemini_reject</c> or <c>gemini_cancel</c>: one for each attempt.</summary>
    public void Attempt(AttemptRecord attempt)
    {
        fleet?.Attempt(attempt);
        var consequence = Consequence.Of(attempt.Verdict);
        var (name, level) = attempt.Verdict switch
        {
            Verdict.Ok => ("gemini_ok", LogLevel.Information),
            Verdict.ClientGone => ("gemini_cancel", LogLevel.Information),
            Verdict.CallerError or Verdict.ResourceDenied or Verdict.RequestTooLargeForQuota when attempt.Next == NextAction.Return =>
                ("gemini_reject", LogLevel.Information),
            _ => ("gemini_fail", consequence.Alarm ? LogLevel.Error : LogLevel.Warning),
        };
        sink.End(sink.Begin(name, level)
            .Add("key_id", attempt.Key.Id)
            .Add("slot", attempt.Key.Slot.Name())
            .Add("key_version", attempt.Key.Version)
            .Add("request_id", attempt.RequestId)
            .Add("attempt", attempt.Attempt)
            .Add("model", attempt.Model is null ? null : mask.Clean(attempt.Model))
            .Add("method", mask.Clean(attempt.Method))
            .Add("status", attempt.Status)
            .Add("google_status", attempt.GoogleStatus is null ? null : mask.Clean(attempt.GoogleStatus))
            .Add("verdict", consequence.Name)
            .Add("next", Name(attempt.Next))
            .Add("duration_ms", Milliseconds(attempt.Duration))
            .Add("ttft_ms", Milliseconds(attempt.TimeToFirstByte))
            .Add("streamed", attempt.Streamed)
            .Add("committed", attempt.Committed)
            .Add("cooldown_s", (long?)attempt.Cooldown?.TotalSeconds)
            .Add("prompt_tokens", attempt.PromptTokens)
            .Add("output_tokens", attempt.OutputTokens));
    }

    /// <summary><c>key_state_changed</c>.</summary>
    public void KeyStateChanged(RingKey key, KeyStateChange change)
    {
        sink.End(sink.Begin("key_state_changed", change.To switch
        {
            KeyState.Rejected => LogLevel.Error,
            KeyState.CoolingDown => LogLevel.Warning,
            _ => LogLevel.Information,
        })
            .Add("key_id", key.Id)
            .Add("slot", key.Slot.Name())
            .Add("key_version", key.Version)
            .Add("model", change.Model.Length == 0 ? null : mask.Clean(change.Model))
            .Add("from", change.From.Name())
            .Add("to", change.To.Name())
            .Add("verdict", Consequence.Of(change.Verdict).Name)
            .Add("cooldown_s", (long?)change.Cooldown?.TotalSeconds));
        if (change.To == KeyState.Rejected)
        {
            fleet?.Changed();
        }
    }

    /// <summary><c>ring_changed</c>: the keys by slot, as <c>PRIMARY=abcd SECONDARY=efgh</c>.</summary>
    public void RingChanged(KeyRing ring)
    {
        sink.End(sink.Begin("ring_changed", ring.Keys.IsEmpty ? LogLevel.Error : LogLevel.Information)
            .Add("keys", string.Join(' ', ring.Keys.Select(key => $"{key.Slot.Name()}={key.Id}")))
            .Add("count", ring.Keys.Length));
        fleet?.Changed();
    }

    /// <summary><c>vault_unreachable</c>: the last ring stays in use. Once, however long it lasts.</summary>
    public void VaultUnreachable(VaultTrouble trouble) =>
        sink.End(sink.Begin("vault_unreachable", LogLevel.Error)
            .Add("reason", trouble.Reason)
            .Add("status", trouble.Status)
            .Add("message", mask.Clean(trouble.Sentence)));

    /// <summary><c>vault_reachable</c>: it is read again.</summary>
    public void VaultReachable() => sink.End(sink.Begin("vault_reachable", LogLevel.Information));

    /// <summary><c>fleet_unreachable</c>: the fleet register can't be written; requests don't notice. Once, however long it lasts.</summary>
    public void FleetUnreachable(FleetTrouble trouble) =>
        sink.End(sink.Begin("fleet_unreachable", LogLevel.Warning)
            .Add("reason", trouble.Reason)
            .Add("status", trouble.Status)
            .Add("message", mask.Clean(trouble.Sentence)));

    /// <summary><c>fleet_reachable</c>: it is written again.</summary>
    public void FleetReachable() => sink.End(sink.Begin("fleet_reachable", LogLevel.Information));

    /// <summary><c>expired_key_used</c>: every other key has failed, and the expired OLD carries traffic. At most once a minute.</summary>
    public void ExpiredKeyUsed(RingKey key) =>
        sink.End(sink.Begin("expired_key_used", LogLevel.Error)
            .Add("key_id", key.Id)
            .Add("slot", key.Slot.Name())
            .Add("key_version", key.Version));

    /// <summary><c>all_keys_failed</c>: the caller got a 502.</summary>
    public void AllKeysFailed(string requestId, string method, string? model, int attempts, int skipped) =>
        sink.End(sink.Begin("all_keys_failed", LogLevel.Error)
            .Add("request_id", requestId)
            .Add("method", mask.Clean(method))
            .Add("model", model is null ? null : mask.Clean(model))
            .Add("attempts", attempts)
            .Add("skipped", skipped));

    /// <summary><c>keys_share_quota</c>: two keys of one project rotate safely, but add no quota.</summary>
    public void KeysShareQuota(RingKey key, RingKey other, string project) =>
        sink.End(sink.Begin("keys_share_quota", LogLevel.Warning)
            .Add("key_id", key.Id)
            .Add("slot", key.Slot.Name())
            .Add("other_key_id", other.Id)
            .Add("other_slot", other.Slot.Name())
            .Add("project", mask.Clean(project)));

    /// <summary><c>configuration_warning</c> and <c>configuration_invalid</c>: a sentence that says what to change.</summary>
    public void Configuration(string sentence, bool invalid) =>
        sink.End(sink.Begin(invalid ? "configuration_invalid" : "configuration_warning", invalid ? LogLevel.Error : LogLevel.Warning)
            .Add("message", mask.Clean(sentence)));

    /// <summary><c>internal_error</c>: a fault of the edge itself, by its type and place; its text may quote a caller.</summary>
    public void InternalError(string requestId, Exception exception) =>
        sink.End(sink.Begin("internal_error", LogLevel.Error)
            .Add("request_id", requestId)
            .Add("exception", exception.GetType().FullName)
            .Add("at", exception.StackTrace is { } trace ? mask.Clean(trace) : null));

    private static string Name(NextAction next) => next switch
    {
        NextAction.Return => "return",
        NextAction.NextKey => "next_key",
        _ => "exhausted",
    };

    private static long? Milliseconds(TimeSpan? duration) => duration is { } d ? (long)Math.Round(d.TotalMilliseconds) : null;
}
