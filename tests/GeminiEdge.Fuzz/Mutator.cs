using System.Text;

namespace GeminiEdge.Fuzz;

/// <summary>Makes inputs of others by chance, the same ones of the same seed.</summary>
internal sealed class Mutator(int seed, IReadOnlyList<byte[]> corpus)
{
    // What readers decide by; a letter at a time chance would not find them.
    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "\"", "\\", "\\u0041", "\\ud800", "\\udc00", "{", "}", "[", "]", ",", ":", "\n\n", "\r\n", "data: ", "event: error\n", "\"error\":{", "null", "true", "-1", "0", "1e400",
            "9223372036854775807", "99999999999999999999", "/", "//", "/../", "%2e%2e", "%252f", "%00", ";", "#", "?", "&", "=", "+", "$", "key=", "none", "AIza", "\0", "é", "😀", "\ufeff", "https://", "http://", "@", " ",
        }.Select(Encoding.UTF8.GetBytes),
        [0xff], [0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80],
    ];

    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        var bytes = Any().ToList();
        for (var changes = 1 + _random.Next(6); changes > 0 && bytes.Count < FuzzInput.Longest; changes--)
        {
            Change(bytes);
        }

        return [.. bytes];
    }

    private byte[] Any() => corpus[_random.Next(corpus.Count)];

    private void Change(List<byte> bytes)
    {
        var at = _random.Next(bytes.Count + 1);
        var length = Math.Min(bytes.Count - at, 1 << _random.Next(8));
        switch (_random.Next(8))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 4:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 5:
                // The end of another: both beginnings are right, what comes of them need not be.
                var other = Any();
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other.AsSpan(_random.Next(other.Length + 1)));
                break;
            case 6:
                bytes.RemoveRange(at, length);
                bytes.InsertRange(at, Words[_random.Next(Words.Length)]);
                break;
            default:
                bytes.InsertRange(at, Words[_random.Next(Words.Length)]);
                break;
        }
    }
}
