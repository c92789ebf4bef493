using Azure.Security.KeyVault.Secrets;

namespace GeminiEdge.Status;

/// <summary>The rotation that holds the lock now, by its record in the vault.</summary>
internal sealed record RotationUnderWay(string Command, string? Operator, string? Slot, DateTimeOffset? Began, DateTimeOffset? Until)
{
    /// <summary>The Key Vault secret whose newest version is the lock of the last command.</summary>
    public const string Secret = "GEMINI-EDGE-ROTATION";

    /// <summary>Null when its command has ended, or its time has run out.</summary>
    public static RotationUnderWay? Of(SecretProperties record, DateTimeOffset now)
    {
        var until = DateTimeOffset.TryParse(Tag("expiry"), out var expiry) ? expiry : (DateTimeOffset?)null;
        return Tag("released") is null && until > now
            ? new RotationUnderWay(Tag("command") ?? "", Tag("operator"), Tag("slot"), record.CreatedOn, until)
            : null;

        string? Tag(string name) => record.Tags.TryGetValue(name, out var value) ? value : null;
    }
}
