using System.Buffers.Text;
using System.Text.Unicode;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>The text of a JSON string as it is written, without being made into one.</summary>
internal static class JsonText
{
    /// <summary>It can be made into one: it is UTF-8, and holds no half of a surrogate pair.</summary>
    /// <param name="written">Between the quotes; valid JSON.</param>
    public static bool IsText(ReadOnlySpan<byte> written) => Utf8.IsValid(written) && !HasHalfPair(written);

    /// <summary>It holds half of a surrogate pair (<c>\ud800</c> … <c>\udfff</c>), which is no letter.</summary>
    /// <param name="written">Between the quotes; valid JSON.</param>
    public static bool HasHalfPair(ReadOnlySpan<byte> written)
    {
        while (true)
        {
            var backslash = written.IndexOf((byte)'\\');
            if (backslash < 0)
            {
                return false;
            }

            written = written[backslash..];
            switch (Code(written))
            {
                case >= 0xd800 and < 0xdc00 when Code(written[6..]) is >= 0xdc00 and < 0xe000:
                    written = written[12..];
                    break;
                case >= 0xd800 and < 0xe000:
                    return true;
                case null:
                    written = written[2..];
                    break;
                default:
                    written = written[6..];
                    break;
            }
        }
    }

    // The letter that \uXXXX is, null of everything else.
    private static uint? Code(ReadOnlySpan<byte> written) =>
        written.Length >= 6 && written[0] == '\\' && written[1] == 'u' && Utf8Parser.TryParse(written.Slice(2, 4), out uint code, out var read, 'x') && read == 4 ? code : null;
}
