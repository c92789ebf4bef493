namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>What the body of a write asks for; null leaves a thing as it is, or takes the default of a new version.</summary>
internal sealed record SecretChange
{
    public string? Value { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    public string? ContentType { get; init; }

    public bool? Enabled { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? ExpiresOn { get; init; }

    public SecretVersion ApplyTo(SecretVersion version) => version with
    {
        Value = Value ?? version.Value,
        Tags = Tags ?? version.Tags,
        ContentType = ContentType ?? version.ContentType,
        Enabled = Enabled ?? version.Enabled,
        NotBefore = NotBefore ?? version.NotBefore,
        ExpiresOn = ExpiresOn ?? version.ExpiresOn,
    };

    /// <inheritdoc/>
    public override string ToString() => nameof(SecretChange);
}
