using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace GeminiEdge.Failover.Keys;

/// <summary>
/// The keys that must enter no ring from any source, by the SHA-256 of their value: the list itself may be read by
/// everyone who may read the vault, and holds no key.
/// </summary>
internal sealed partial class LeakedKeys
{
    /// <summary>The Key Vault secret that holds the list.</summary>
    public const string Secret = "GEMINI-API-KEY-LEAKED";

    public static readonly LeakedKeys None = new([]);

    /// <summary>What to say of a list that can't be read.</summary>
    public const string Unreadable = $"The secret {Secret} holds no SHA-256: write the hash of each leaked key as 64 hexadecimal digits, never the key itself.";

    private readonly FrozenSet<string> _hashes;

    private LeakedKeys(IEnumerable<string> hashes) => _hashes = hashes.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads the hashes, hexadecimal, one a line or separated by anything else.</summary>
    /// <returns>Null for a text that holds none and isn't empty either: whoever wrote it meant a key, and it must not go unheard.</returns>
    public static LeakedKeys? Parse(string text)
    {
        var hashes = Hash().Matches(text);
        return hashes.Count > 0 ? new LeakedKeys(hashes.Select(match => match.Value)) : SecretValue.Of(text) is { IsEmpty: true } || string.IsNullOrWhiteSpace(text) ? None : null;
    }

    /// <summary>What any of the lists names.</summary>
    public static LeakedKeys AllOf(IEnumerable<LeakedKeys> lists) => new(lists.SelectMany(list => list._hashes));

    public int Count => _hashes.Count;

    public bool Contains(ApiKey key) => _hashes.Count > 0 && Contains(HashOf(key));

    public bool Contains(string hash) => _hashes.Contains(hash);

    public string With(ApiKey key) => With(HashOf(key));

    /// <summary>The list with one more key in it, as the secret's value; one hash a line, sorted, so that the same list is the same text.</summary>
    public string With(string hash) => string.Join('\n', _hashes.Append(hash).Select(hash => hash.ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal));

    /// <summary>The SHA-256 of the value, in lower-case hexadecimal.</summary>
    public static string HashOf(ApiKey key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.Reveal())));

    [GeneratedRegex("(?<![0-9A-Fa-f])[0-9A-Fa-f]{64}(?![0-9A-Fa-f])", RegexOptions.CultureInvariant)]
    private static partial Regex Hash();
}
