using System.Diagnostics;

namespace GeminiEdge.Failover.Keys;

/// <summary>An upstream key: equal by value, shown by its last four characters only.</summary>
[DebuggerDisplay("{Id}")]
internal sealed class ApiKey : IEquatable<ApiKey>
{
    /// <summary>Shorter values are refused: a piece of eight characters, which logs are searched for, would be half of them.</summary>
    public const int MinimumLength = 16;

    private const int MaximumLength = 1024;
    private readonly string _value;

    private ApiKey(string value) => _value = value;

    /// <summary>The last four characters: <c>key_id</c> in logs.</summary>
    public string Id => _value[^4..];

    /// <summary>Accepts any shape of key; trims white space around it, which pasting adds.</summary>
    /// <returns>The key, or why it is refused: the end of a sentence that begins with its source.</returns>
    public static (ApiKey? Key, string? Refusal) Create(string value)
    {
        var trimmed = value.Trim();
        var refusal = trimmed switch
        {
            _ when trimmed.StartsWith("@Microsoft.KeyVault(", StringComparison.OrdinalIgnoreCase) =>
                "is an unresolved Key Vault reference: check the reference, the vault's firewall and that the app's identity has the role Key Vault Secrets User",

            // Before anything looks into it: a secret may hold a whole file.
            { Length: > MaximumLength } => $"is longer than {MaximumLength} characters: store the key alone",
            _ when PastedKey.Fault(trimmed) is { } fault => fault,
            { Length: < MinimumLength } => $"is shorter than {MinimumLength} characters: paste the whole key",
            _ when trimmed.Any(c => c is <= ' ' or > '~') =>
                "holds a line break, a space or a character outside ASCII: store the key alone, on one line",
            _ => null,
        };

        return refusal is null ? (new ApiKey(trimmed), null) : (null, refusal);
    }

    /// <summary>The value itself: for the credential header, and to know it again in text that must not hold it.</summary>
    public string Reveal() => _value;

    public bool Equals(ApiKey? other) => other is not null && _value == other._value;

    public override bool Equals(object? obj) => Equals(obj as ApiKey);

    public override int GetHashCode() => _value.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Id;
}
