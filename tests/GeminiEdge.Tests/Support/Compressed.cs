using System.IO.Compression;
using System.Text;

namespace GeminiEdge.Tests.Support;

/// <summary>Bytes as a client compresses them.</summary>
internal static class Compressed
{
    /// <param name="codings">As in a Content-Encoding, in the order they are applied; <c>raw-deflate</c> is deflate without zlib's header.</param>
    public static byte[] With(string codings, string text) => With(codings, Encoding.UTF8.GetBytes(text));

    public static byte[] With(string codings, byte[] bytes)
    {
        foreach (var coding in codings.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            using var output = new MemoryStream();
            using (Stream stream = coding.ToLowerInvariant() switch
            {
                "gzip" or "x-gzip" => new GZipStream(output, CompressionLevel.SmallestSize, leaveOpen: true),
                "deflate" => new ZLibStream(output, CompressionLevel.SmallestSize, leaveOpen: true),
                "raw-deflate" => new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true),
                "br" => new BrotliStream(output, CompressionLevel.Fastest, leaveOpen: true),
                _ => throw new ArgumentException(coding),
            })
            {
                stream.Write(bytes);
            }

            bytes = output.ToArray();
        }

        return bytes;
    }

    /// <summary>A POST of these bytes.</summary>
    public static Task<HttpResponseMessage> PostAsync(HttpClient client, string path, byte[] body, params IEnumerable<string> codings)
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        foreach (var coding in codings)
        {
            content.Headers.TryAddWithoutValidation("Content-Encoding", coding);
        }

        return client.PostAsync(path, content, TestContext.Current.CancellationToken);
    }
}
