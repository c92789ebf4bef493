using System.Text;

namespace GeminiEdge.Tests.Chaos;

/// <summary>What comes after the last byte of an answer.</summary>
internal enum ChaosEnd
{
    /// <summary>The next request, on the same connection.</summary>
    KeepAlive,
    Close,
    Reset,

    /// <summary>Nothing, without an end.</summary>
    Stall,
}

/// <summary>The bytes of one answer, as far as they are sent.</summary>
/// <param name="Sent">What arrives.</param>
/// <param name="End">What comes then.</param>
internal sealed record ChaosAnswer(byte[] Sent, ChaosEnd End)
{
    /// <summary>A whole answer: its length told, in chunks, or ended by the end of the connection.</summary>
    /// <param name="headers">Of its head, each with its line's end.</param>
    public static ChaosAnswer Of(int status, string contentType, string body, int framing, string headers = "")
    {
        var head = $"HTTP/1.1 {status} Whatever\r\nContent-Type: {contentType}\r\n{headers}";
        return (framing % 3) switch
        {
            0 => new(Bytes($"{head}Content-Length: {body.Length}\r\n\r\n{body}"), ChaosEnd.KeepAlive),
            1 => new(Bytes($"{head}Transfer-Encoding: chunked\r\n\r\n{string.Concat(body.Chunk(50).Select(piece => $"{piece.Length:x}\r\n{new string(piece)}\r\n"))}0\r\n\r\n"), ChaosEnd.KeepAlive),
            _ => new(Bytes($"{head}Connection: close\r\n\r\n{body}"), ChaosEnd.Close),
        };
    }

    /// <summary>The same, ended after so many bytes.</summary>
    public ChaosAnswer Cut(int length, ChaosEnd end) => new(Sent[..Math.Min(length, Sent.Length - 1)], end);

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
