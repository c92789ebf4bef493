using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>What forwarding tells besides its attempts. The events' names and fields are a public interface: alerts query them.</summary>
internal static partial class ForwardingEvents
{
    /// <summary>What is remembered of a key, for a model or as a whole.</summary>
    public static void KeyStateChanged(this ILogger log, RingKey key, KeyStateChange change, KeyMask mask) => KeyStateChanged(
        log,
        change.To switch
        {
            KeyState.Rejected => LogLevel.Error,
            KeyState.CoolingDown => LogLevel.Warning,
            _ => LogLevel.Information,
        },
        key.Id,
        key.Slot.Name(),
        key.Version,
        change.Scope == RefusalScope.Key ? null : change.Call.Kind.Name(),
        change.Call.Model.Length == 0 ? null : mask.Clean(change.Call.Model),
        change.From.Name(),
        change.To.Name(),
        Consequence.Of(change.Verdict).Name,
        (long?)change.Cooldown?.TotalSeconds);

    /// <summary>Every other key has failed, and the expired OLD carries traffic. At most once a minute.</summary>
    public static void ExpiredKeyUsed(this ILogger log, RingKey key) => ExpiredKeyUsed(log, key.Id, key.Slot.Name(), key.Version);

    /// <summary>The caller got a 502.</summary>
    public static void AllKeysFailed(this ILogger log, AttemptTrail trail, int skipped, KeyMask mask) => AllKeysFailed(
        log, trail.Request.RequestId, mask.Clean(trail.Request.Call.Method), mask.Clean(trail.Request.Call.Model), trail.Count, skipped);

    /// <summary>Two keys of one project rotate safely, but add no quota.</summary>
    public static void KeysShareQuota(this ILogger log, RingKey key, RingKey other, string project, KeyMask mask) =>
        KeysShareQuota(log, key.Id, key.Slot.Name(), other.Id, other.Slot.Name(), mask.Clean(project));

    [LoggerMessage(EventName = "key_state_changed", Message = "{slot} …{key_id} (version {key_version}), {kind} {model}: {from} → {to}, {verdict}, {cooldown_s} s.")]
    private static partial void KeyStateChanged(
        ILogger log, LogLevel level, string key_id, string slot, string? key_version, string? kind, string? model, string from, string to, string verdict, long? cooldown_s);

    [LoggerMessage(EventName = "expired_key_used", Level = LogLevel.Error, Message = "Every other key has failed: the expired {slot} …{key_id} (version {key_version}) carries traffic.")]
    private static partial void ExpiredKeyUsed(ILogger log, string key_id, string slot, string? key_version);

    [LoggerMessage(EventName = "all_keys_failed", Level = LogLevel.Error, Message = "Request {request_id} ({method}, {model}): every key has failed, {attempts} tried, {skipped} skipped.")]
    private static partial void AllKeysFailed(ILogger log, string request_id, string method, string? model, int attempts, int skipped);

    [LoggerMessage(EventName = "keys_share_quota", Level = LogLevel.Warning, Message = "{slot} …{key_id} and {other_slot} …{other_key_id} belong to {project}: they rotate safely, but add no quota.")]
    private static partial void KeysShareQuota(ILogger log, string key_id, string slot, string other_key_id, string other_slot, string project);
}
