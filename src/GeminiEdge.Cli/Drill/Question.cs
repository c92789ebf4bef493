using System.Net.Http.Headers;

namespace GeminiEdge.Cli.Drill;

/// <summary>A request that the load sends again and again.</summary>
/// <param name="Name">What it is, for people.</param>
/// <param name="Streams">Whether the answer is a stream.</param>
/// <param name="IsNative">Whether it speaks Gemini's own API.</param>
internal sealed record Question(string Name, bool Streams, bool IsNative, string Path, byte[] Body)
{
    // The simulator echoes 80 characters, and sends a word at a time: 40 of these last 3.4 s.
    private const string Long = "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n";

    public static readonly Question Whole = Own("whole", streams: false, "Say hello");
    public static readonly Question Stream = Own("stream", streams: true, "Say hello");
    public static readonly Question NativeStream = Native("native stream", "Say hello");
    public static readonly Question LongStream = Own("long stream", streams: true, Long);
    public static readonly Question LongNativeStream = Native("long native stream", Long);

    public HttpRequestMessage ToRequest(Uri edge, string clientKey)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(edge, Path)) { Content = new ByteArrayContent(Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("x-goog-api-key", clientKey);
        return request;
    }

    private static Question Own(string name, bool streams, string prompt) =>
        new(name, streams, IsNative: false, "/api/generate", [.. "{\"prompt\":\""u8, .. Ascii(prompt), .. (streams ? "\",\"stream\":true}"u8 : "\"}"u8)]);

    private static Question Native(string name, string prompt) =>
        new(name, Streams: true, IsNative: true, "/v1beta/models/gemini-flash-latest:streamGenerateContent?alt=sse",
            [.. "{\"contents\":[{\"parts\":[{\"text\":\""u8, .. Ascii(prompt), .. "\"}]}]}"u8]);

    private static byte[] Ascii(string text) => System.Text.Encoding.ASCII.GetBytes(text);
}
