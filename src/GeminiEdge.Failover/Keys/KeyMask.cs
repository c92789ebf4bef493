using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;

namespace GeminiEdge.Failover.Keys;

/// <summary>
/// Masks every run of eight or more characters of any upstream key this instance has ever known, at equal length and in any
/// <see cref="Spelling"/>. Google quotes keys in its errors, and callers can put anything into a path.
/// </summary>
internal sealed class KeyMask
{
    /// <summary>The length of the shortest run that is masked.</summary>
    public const int RunLength = 8;

    /// <summary>No spelling of a run is longer, in bytes.</summary>
    internal const int LongestRun = RunLength * Spelling.Longest;

    internal const byte Mask = (byte)'*';
    private readonly Lock _lock = new();
    private readonly HashSet<ApiKey> _keys = [];
    private readonly ImmutableArray<string> _callerKeys;
    private volatile Known _known;

    /// <param name="callerKeys">The keys that callers present to the edge; masked as a whole in text, where callers can write them.</param>
    public KeyMask(params IEnumerable<string> callerKeys)
    {
        _callerKeys = [.. callerKeys.Where(key => key.Length >= RunLength)];
        _known = new Known([], _callerKeys);
    }

    /// <summary>Masks these too, from now on and for good: answers about a key can arrive after it left the ring.</summary>
    public void Learn(IEnumerable<ApiKey> keys)
    {
        lock (_lock)
        {
            var known = _keys.Count;
            _keys.UnionWith(keys);
            if (_keys.Count != known)
            {
                _known = new Known([.. _keys.Select(key => key.Reveal())], _callerKeys);
            }
        }
    }

    /// <summary>The text without key material.</summary>
    public string Clean(string text)
    {
        if (text.Length < RunLength || !_known.MayBeIn(text))
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
        // Found before anything is overwritten: every run is read as it came.
        var runs = Runs(text);
        foreach (var (start, end) in runs)
        {
            text[start..end].Fill(Mask);
        }

        return runs.Count > 0;
    }

    /// <summary>Where pieces of keys stand in a text; they may overlap.</summary>
    internal List<(int Start, int End)> Runs(ReadOnlySpan<byte> text)
    {
        List<(int, int)> found = [];
        var runs = _known.Runs;
        for (var start = 0; start + RunLength <= text.Length; start++)
        {
            if (runs.Contains(BinaryPrimitives.ReadUInt64LittleEndian(text[start..])))
            {
                found.Add((start, start + RunLength));
            }
        }

        if (!Spelling.IsIn(text))
        {
            return found;
        }

        // The last eight letters, and where each begins.
        Span<int> starts = stackalloc int[RunLength];
        var (letters, count) = (0UL, 0);
        for (var at = 0; at < text.Length;)
        {
            var start = at;
            if (Spelling.Next(text, ref at) is { } letter)
            {
                letters = (letters >> 8) | ((ulong)letter << 56);
                starts[count++ % RunLength] = start;
                if (count >= RunLength && runs.Contains(letters))
                {
                    found.Add((starts[count % RunLength], at));
                }
            }
        }

        return found;
    }

    /// <summary>What is looked for: swapped as a whole when a key is learned.</summary>
    private sealed class Known
    {
        // Which letters follow each other in a key: a run has seven such pairs, so looking at each seventh place misses none.
        private readonly ulong[] _pairs = new ulong[256 * 256 / 64];

        public Known(ImmutableArray<string> keys, ImmutableArray<string> callerKeys)
        {
            Runs = keys.SelectMany(RunsOf).ToFrozenSet();
            foreach (var key in keys.Concat(callerKeys))
            {
                for (var at = 0; at + 1 < key.Length; at++)
                {
                    var pair = ((key[at] & 0xff) << 8) | (key[at + 1] & 0xff);
                    _pairs[pair / 64] |= 1UL << (pair % 64);
                }
            }
        }

        public FrozenSet<ulong> Runs { get; }

        /// <summary>False when no run can be in it; most texts are done with that.</summary>
        public bool MayBeIn(ReadOnlySpan<char> text)
        {
            for (var at = 0; at + 1 < text.Length; at += RunLength - 1)
            {
                if (!IsPair(text, at))
                {
                    continue;
                }

                var (first, last) = (at, at);
                while (IsPair(text, first - 1))
                {
                    first--;
                }

                while (IsPair(text, last + 1))
                {
                    last++;
                }

                if (last - first + 1 >= RunLength - 1)
                {
                    return true;
                }
            }

            return text.ContainsAny('\\', '%', '&') || text.Contains('\0');
        }

        private bool IsPair(ReadOnlySpan<char> text, int at)
        {
            if (at < 0 || at + 1 >= text.Length)
            {
                return false;
            }

            var pair = ((text[at] & 0xff) << 8) | (text[at + 1] & 0xff);
            return (_pairs[pair / 64] & (1UL << (pair % 64))) != 0;
        }

        private static IEnumerable<ulong> RunsOf(string key)
        {
            var bytes = Encoding.ASCII.GetBytes(key);
            for (var start = 0; start + RunLength <= bytes.Length; start++)
            {
                yield return BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(start));
            }
        }
    }
}
