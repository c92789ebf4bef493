using System.Buffers;
using System.Buffers.Text;
using System.Globalization;

namespace GeminiEdge.Failover.Keys;

/// <summary>
/// Reads text letter by letter, however a letter is spelled: <c>\u0041</c> of JSON, <c>%41</c> of a URL, <c>&amp;#65;</c> of HTML, two
/// or four bytes a letter. Whoever unescapes such a text has the key in it.
/// </summary>
internal static class Spelling
{
    /// <summary>No spelling of a letter is longer; of eight letters neither is longer than eight times that.</summary>
    public const int Longest = 16;

    private const byte Unknown = 1;

    private static readonly SearchValues<byte> Signs = SearchValues.Create("\\%&\0"u8);

    /// <summary>Some letter of it is perhaps not spelled by itself.</summary>
    public static bool IsIn(ReadOnlySpan<byte> text) => text.ContainsAny(Signs);

    /// <summary>The letter that begins here, and moves behind it; null where none does.</summary>
    public static byte? Next(ReadOnlySpan<byte> text, ref int at)
    {
        var rest = text[at..];
        var (letter, length) = rest[0] switch
        {
            0 => ((byte?)null, 1),
            (byte)'\\' when rest.Length > 1 && (rest[1] | 0x20) == 'u' && Hex(rest[2..], 4) is { } code => (code, 6),
            (byte)'\\' when rest.Length > 1 && (rest[1] | 0x20) == 'x' && Hex(rest[2..], 2) is { } code => (code, 4),
            (byte)'\\' => (null, 1),
            (byte)'%' when Hex(rest[1..], 2) is { } code => (code, 3),
            (byte)'&' => Entity(rest),
            var itself => (itself, 1),
        };
        at += length;
        return letter;
    }

    private static byte? Hex(ReadOnlySpan<byte> digits, int count) =>
        digits.Length >= count && ushort.TryParse(digits[..count], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) ? Letter(code) : null;

    private static (byte?, int) Entity(ReadOnlySpan<byte> rest)
    {
        var end = rest[..Math.Min(rest.Length, Longest)].IndexOf((byte)';');
        if (end > 2 && rest[1] == '#')
        {
            var isHex = (rest[2] | 0x20) == 'x';
            var digits = rest[(isHex ? 3 : 2)..end];
            if (Utf8Parser.TryParse(digits, out uint code, out var read, isHex ? 'x' : 'd') && read == digits.Length)
            {
                return (Letter(code), end + 1);
            }
        }

        return ((byte)'&', 1);
    }

    // Keys are of ASCII alone.
    private static byte Letter(uint code) => code is > 0 and < 128 ? (byte)code : Unknown;
}
