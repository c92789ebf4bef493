using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace GeminiEdge.Access;

/// <summary>The keys that callers present to the edge. Compared in constant time, so that answers don't spell them out.</summary>
internal sealed class PresentedKeys
{
    public static readonly PresentedKeys None = new([]);

    private const int MinimumLength = 16;
    private const int MaximumLength = 256;

    // Padded to one length: a comparison tells neither where a guess goes wrong nor how long a key is.
    private readonly ImmutableArray<byte[]> _padded;
    private readonly int _paddedLength;

    private PresentedKeys(ImmutableArray<string> keys)
    {
        // Comparing in constant time is slow, and for each request: no longer than the longest key, in steps of 64.
        _paddedLength = (keys.Select(key => key.Length).DefaultIfEmpty().Max() + 63) / 64 * 64;
        (Values, _padded) = (keys, [.. keys.Select(Pad)]);
    }

    /// <summary>The keys themselves, to know them again in text that must not hold them.</summary>
    public ImmutableArray<string> Values { get; }

    public bool IsEmpty => _padded.IsEmpty;

    /// <summary>Reads a comma-separated setting.</summary>
    /// <returns>The keys, and what is wrong with the setting: the end of a sentence that begins with its name.</returns>
    public static (PresentedKeys Keys, string? Refusal) Parse(string setting)
    {
        var keys = setting.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (keys.Any(key => key.StartsWith("@Microsoft.KeyVault(", StringComparison.OrdinalIgnoreCase)))
        {
            return (None, "is an unresolved Key Vault reference: check the reference and that the app's identity has the role Key Vault Secrets User");
        }

        if (keys.Any(key => key.Length > MaximumLength || key.Any(c => c is <= ' ' or > '~')))
        {
            return (None, $"holds a key that is longer than {MaximumLength} characters or has a space or a character outside ASCII in it");
        }

        // What can be guessed is no key.
        return Array.FindIndex(keys, key => key.Length < MinimumLength) is var weak and >= 0
            ? (None, $"holds a key of fewer than {MinimumLength} characters (number {weak + 1} of {keys.Length}): somebody could guess it. Make one with: openssl rand -hex 24")
            : (new PresentedKeys([.. keys]), null);
    }

    /// <summary>Whether this is one of the keys.</summary>
    public bool Contains(ReadOnlySpan<char> presented)
    {
        // The encoder writes a question mark for a letter it doesn't know, and the padding's zeros are no part of a key.
        if (presented.IsEmpty || presented.Length > _paddedLength || presented.ContainsAnyExceptInRange('!', '~'))
        {
            return false;
        }

        Span<byte> padded = stackalloc byte[MaximumLength];
        padded = padded[.._paddedLength];
        padded.Clear();
        Encoding.ASCII.GetBytes(presented, padded);

        var found = false;
        foreach (var key in _padded)
        {
            found |= CryptographicOperations.FixedTimeEquals(padded, key);
        }

        return found;
    }

    private byte[] Pad(string key)
    {
        var padded = new byte[_paddedLength];
        Encoding.ASCII.GetBytes(key, padded);
        return padded;
    }
}
