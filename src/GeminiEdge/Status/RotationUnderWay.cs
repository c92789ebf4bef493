using Azure.Security.KeyVault.Secrets;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Status;

/// <summary>The rotation that holds the lock now, by its record in the vault.</summary>
internal sealed record RotationUnderWay(string Command, string? Operator, string? Slot, DateTimeOffset? Began, DateTimeOffset? Until)
{
    /// <summary>Null when its command has ended, or its time has run out.</summary>
    public static RotationUnderWay? Of(SecretProperties record, DateTimeOffset now)
    {
        var until = RotationSecret.Time(Tag(RotationSecret.Expiry));
        return Tag(RotationSecret.Released) is null && until > now
            ? new RotationUnderWay(Tag(RotationSecret.Command) ?? "", Tag(RotationSecret.Operator), Tag(RotationSecret.Slot), record.CreatedOn, until)
            : null;

        string? Tag(string name) => record.Tags.TryGetValue(name, out var value) ? value : null;
    }
}
