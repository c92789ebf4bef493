using Microsoft.Extensions.Logging;

namespace GeminiEdge.Failover.Keys;

/// <summary>What the keys tell. The events' names and fields are a public interface: alerts query them.</summary>
internal static partial class KeyEvents
{
    /// <summary>The keys by slot, as <c>PRIMARY=abcd SECONDARY=efgh</c>.</summary>
    public static void RingChanged(this ILogger log, KeyRing ring) => RingChanged(
        log,
        ring.Keys.IsEmpty ? LogLevel.Error : LogLevel.Information,
        string.Join(' ', ring.Keys.Select(key => $"{key.Slot.Name()}={key.Id}")),
        ring.Keys.Length);

    /// <summary>The last ring stays in use. Once, however long it lasts.</summary>
    public static void VaultUnreachable(this ILogger log, VaultTrouble trouble) => VaultUnreachable(log, trouble.Reason, trouble.Status, trouble.Sentence);

    /// <summary>It is read again.</summary>
    [LoggerMessage(EventName = "vault_reachable", Level = LogLevel.Information, Message = "The key vault is read again.")]
    public static partial void VaultReachable(this ILogger log);

    /// <summary>A sentence that says what to change.</summary>
    [LoggerMessage(EventName = "configuration_warning", Level = LogLevel.Warning, Message = "{message}")]
    public static partial void ConfigurationWarning(this ILogger log, string message);

    [LoggerMessage(EventName = "ring_changed", Message = "The key ring is now {keys} ({count}).")]
    private static partial void RingChanged(ILogger log, LogLevel level, string keys, int count);

    [LoggerMessage(EventName = "vault_unreachable", Level = LogLevel.Error, Message = "The key vault can't be read ({reason}, {status}): {message}")]
    private static partial void VaultUnreachable(ILogger log, string reason, int? status, string message);
}
