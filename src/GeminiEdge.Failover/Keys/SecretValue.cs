namespace GeminiEdge.Failover.Keys;

/// <summary>What the value of a slot's secret means: a key, an emptied slot, or something that can't be a key.</summary>
/// <param name="Key">The key; null when there is none.</param>
/// <param name="Refusal">Why the value can't be used: the end of a sentence that begins with its source. Never quotes the value.</param>
internal readonly record struct SecretValue(ApiKey? Key, string? Refusal)
{
    /// <summary>The value that says a slot is empty: secrets are never deleted, because a deleted name can't be written again.</summary>
    public const string Empty = "none";

    /// <summary>The slot is empty on purpose.</summary>
    public bool IsEmpty => Key is null && Refusal is null;

    public static SecretValue Of(string value)
    {
        if (value.Trim().Equals(Empty, StringComparison.OrdinalIgnoreCase))
        {
            return default;
        }

        if (string.IsNullOrWhiteSpace(value))
        {
            return new SecretValue(null, $"is blank: store the key, or the word {Empty} to empty the slot");
        }

        var (key, refusal) = ApiKey.Create(value);
        return new SecretValue(key, refusal);
    }
}
