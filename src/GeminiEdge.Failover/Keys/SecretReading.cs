namespace GeminiEdge.Failover.Keys;

/// <summary>What one read of a secret gave: exactly one of a text, nothing there, or trouble.</summary>
/// <param name="Text">The newest version's value.</param>
/// <param name="Version">Its version.</param>
/// <param name="ExpiresOn">Its <c>exp</c>.</param>
/// <param name="IsDisabled">There is a newest version, and it is disabled.</param>
/// <param name="Trouble">Why nothing is known.</param>
/// <param name="CreatedOn">When the version was written.</param>
internal sealed record SecretReading(string? Text, string? Version = null, DateTimeOffset? ExpiresOn = null, bool IsDisabled = false, VaultTrouble? Trouble = null, DateTimeOffset? CreatedOn = null)
{
    public static readonly SecretReading Missing = new(Text: null);
    public static readonly SecretReading Disabled = new(Text: null, IsDisabled: true);

    /// <summary>The record's own text would show the value.</summary>
    public override string ToString() => $"{Version ?? Trouble?.Reason ?? "missing"}";
}
