using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;

namespace GeminiEdge.Failover.Keys;

/// <summary>
/// Masks every run of eight or more characters of any upstream key this instance has ever known, at equal length.
/// Google quotes keys in its errors, and callers can put anything into a path.
/// </summary>
internal sealed class KeyMask
{
    /// <summary>The length of the shortest run that is masked.</summary>
    public const int RunLength = 8;

    internal const byte Mask = (byte)'*';
    private readonly Lock _lock = new();
    private readonly HashSet<ApiKey> _keys = [];
    private readonly ImmutableArray<string> _callerKeys;
    private volatile FrozenSet<ulong> _runs = FrozenSet<ulong>.Empty;

    /// <param name="callerKeys">The keys that callers present to the edge; masked as a whole in text, where callers can write them.</param>
    public KeyMask(params IEnumerable<string> callerKeys) => _callerKeys = [.. callerKeys.Where(key => key.Length >= RunLength)];

    /// <summary>Masks these too, from now on and for good: answers about a key can arrive after it left the ring.</summary>
    public void Learn(IEnumerable<ApiKey> keys)
    {
        lock (_lock)
        {
            var known = _keys.Count;
            _keys.UnionWith(keys);
            if (_keys.Count == known)
            {
                return;
            }

            _runs = _keys.SelectMany(Runs).ToFrozenSet();
        }
    }

    /// <summary>The text without key material.</summary>
    public string Clean(string text)
    {
        if (text.Length < RunLength)
        {
            return text;
        }

        foreach (var key in _callerKeys)
        {
            text = text.Replace(key, new string((char)Mask, key.Length), StringComparison.Ordinal);
        }

        Span<byte> bytes = text.Length <= 256 ? stackalloc byte[768] : new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        bytes = bytes[..Encoding.UTF8.GetBytes(text, bytes)];
        return Clean(bytes) ? Encoding.UTF8.GetString(bytes) : text;
    }

    /// <summary>Masks a whole text in place.</summary>
    /// <returns>Whether anything was masked.</returns>
    public bool Clean(Span<byte> text)
    {
        var maskedUntil = 0;
        var masked = false;
        for (var start = 0; start < text.Length; start++)
        {
            if (IsRun(text, start))
            {
                maskedUntil = start + RunLength;
            }

            // Only what lies behind the next window is overwritten: every window is read as it came.
            if (start < maskedUntil)
            {
                text[start] = Mask;
                masked = true;
            }
        }

        return masked;
    }

    /// <summary>Whether the eight bytes from here on are a piece of a key.</summary>
    internal bool IsRun(ReadOnlySpan<byte> text, int start) =>
        start + RunLength <= text.Length && _runs.Contains(Window(text, start));

    private static ulong Window(ReadOnlySpan<byte> text, int start) => BinaryPrimitives.ReadUInt64LittleEndian(text[start..]);

    private static IEnumerable<ulong> Runs(ApiKey key)
    {
        var bytes = Encoding.ASCII.GetBytes(key.Reveal());
        for (var start = 0; start + RunLength <= bytes.Length; start++)
        {
            yield return Window(bytes, start);
        }
    }
}
