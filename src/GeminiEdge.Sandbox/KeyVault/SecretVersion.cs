using System.Diagnostics;

namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>A version of a secret. Its text form never holds the value.</summary>
[DebuggerDisplay("{ToString(),nq}")]
public sealed record SecretVersion
{
    /// <summary>The name of the secret, as it was first written.</summary>
    public required string Name { get; init; }

    /// <summary>32 hexadecimal digits.</summary>
    public required string Version { get; init; }

    /// <summary>The secret itself.</summary>
    public required string Value { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    public string? ContentType { get; init; }

    public bool Enabled { get; init; } = true;

    public DateTimeOffset? NotBefore { get; init; }

    public DateTimeOffset? ExpiresOn { get; init; }

    /// <summary>In whole seconds, as the service keeps it.</summary>
    public DateTimeOffset CreatedOn { get; init; }

    /// <summary>In whole seconds, as the service keeps it.</summary>
    public DateTimeOffset UpdatedOn { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}/{Version}{(Enabled ? "" : " (disabled)")}";
}
