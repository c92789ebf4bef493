using System.Security.Cryptography;
using System.Text;

namespace GeminiEdge.Fleet;

/// <summary>Tells whether two rings are the same, by what is no secret: each key's slot, key_id and version, in ring order.</summary>
internal static class RingFingerprint
{
    private const int Length = 16;

    /// <summary>16 hexadecimal digits of a SHA-256; the same for settings' keys, which have no version, as for an empty one.</summary>
    public static string Of(IEnumerable<(string Slot, string KeyId, string? Version)> keys) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(keys.Select(key => $"{key.Slot} {key.KeyId} {key.Version}\n")))))[..Length];
}
