using System.Buffers;
using System.Collections.Frozen;
using System.Text.Json;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>How much of a request's body can be tokens: an image of a megabyte counts a few hundred, not its base64.</summary>
internal static class TextBytes
{
    /// <summary>What Gemini counts for an image, in bytes of text.</summary>
    private const int OfImage = 4 * 258;

    // Shorter ones weigh nothing either way.
    private const int ShortestBlob = 1024;

    private static readonly FrozenSet<string> Blobs = FrozenSet.Create("data", "bytesBase64Encoded", "imageBytes", "image_bytes", "videoBytes", "b64_json");

    // Some writers escape the slash, and either alphabet is accepted.
    private static readonly SearchValues<byte> Base64 =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=\\"u8);

    /// <summary>The body's bytes without its base64; all of them when it can't be read as JSON.</summary>
    public static long In(ReadOnlySpan<byte> body)
    {
        var bytes = (long)body.Length;
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = AnswerPiece.MaxDepth });
            var isBlob = false;
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    isBlob = reader.ValueSpan.Length < ShortestBlob && Blobs.Contains(reader.GetString()!);
                }
                else if (reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length >= ShortestBlob
                    && ((isBlob && reader.ValueSpan.IndexOfAnyExcept(Base64) < 0) || IsDataUrl(reader.ValueSpan)))
                {
                    bytes += OfImage - reader.ValueSpan.Length;
                }
            }

            return bytes;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return body.Length;
        }
    }

    private static bool IsDataUrl(ReadOnlySpan<byte> text) => text.StartsWith("data:"u8) && text[..200].IndexOf(";base64,"u8) > 0;
}
