using System.Collections.Immutable;
using System.IO.Compression;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>How a request's body is compressed: its <c>Content-Encoding</c>, in the order that was applied.</summary>
/// <param name="Applied">Lower-case names, all of which are known here.</param>
/// <param name="Refusal">Why it can't be inflated: a sentence; null when it can.</param>
internal readonly record struct ContentCodings(ImmutableArray<string> Applied, string? Refusal)
{
    public static readonly ContentCodings None = new([], null);

    /// <summary>The encodings that can be inflated, as an Accept-Encoding header.</summary>
    public const string Known = "gzip, deflate, br";

    // A list is legal, but nobody applies more than two.
    private const int Most = 3;
    private const int LongestName = 32;
    private const int NeedsDictionary = 0x20;

    /// <summary>The body is what it is.</summary>
    public bool IsNone => Applied.IsEmpty && Refusal is null;

    /// <param name="headers">The values of the header's lines, each a list.</param>
    public static ContentCodings Parse(IEnumerable<string?> headers)
    {
        var applied = ImmutableArray.CreateBuilder<string>();
        foreach (var name in headers.SelectMany(header => (header ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
        {
            switch (name.ToLowerInvariant())
            {
                case "identity":
                    break;
                case "gzip" or "x-gzip":
                    applied.Add("gzip");
                    break;
                case "deflate" or "br":
                    applied.Add(name.ToLowerInvariant());
                    break;
                default:
                    return new([], $"The Content-Encoding {Quoted(name)} is not known here: send the body as {Known}, or uncompressed.");
            }
        }

        return applied.Count > Most
            ? new([], $"The body was compressed {applied.Count} times over: once is enough, and {Most} times the most that is undone.")
            : new(applied.ToImmutable(), null);
    }

    /// <summary>Undoes them, the last one first, as the bytes are read.</summary>
    /// <param name="source">The compressed bytes; left open.</param>
    /// <param name="limit">How many bytes there may be, compressed and at each step between: a few kilobytes can hold gigabytes, and a bomb a bomb.</param>
    /// <exception cref="BodyTooLargeException">There are more; while reading too.</exception>
    /// <exception cref="InvalidDataException">They are no such bytes, or not all of them; while reading too.</exception>
    public async ValueTask<Stream> OpenAsync(Stream source, long limit, CancellationToken cancellationToken)
    {
        for (var last = Applied.Length - 1; last >= 0; last--)
        {
            var isOwn = last < Applied.Length - 1;
            source = Applied[last] switch
            {
                "gzip" => new GZipStream(new CompressedSource(default, source, isOwn, limit, mayFollow: true), CompressionMode.Decompress),
                "br" => new BrotliStream(new CompressedSource(default, source, isOwn, limit, mayFollow: false), CompressionMode.Decompress),
                _ => await OpenDeflateAsync(source, isOwn, limit, cancellationToken),
            };
        }

        return source;
    }

    // The name means zlib's format, and some senders leave its two bytes of header out.
    private static async ValueTask<Stream> OpenDeflateAsync(Stream source, bool isOwn, long limit, CancellationToken cancellationToken)
    {
        var head = new byte[2];
        var count = await source.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        var hasHeader = count == head.Length && (head[0] & 0x0f) == 8 && ((head[0] << 8) | head[1]) % 31 == 0;
        if (hasHeader && (head[1] & NeedsDictionary) != 0)
        {
            // The decoder's own word for it is one of a broken connection.
            throw new InvalidDataException("The compressed bytes need a dictionary that is not among them.");
        }

        var whole = new CompressedSource(head.AsMemory(0, count), source, isOwn, limit, mayFollow: false);
        return hasHeader
            ? new ZLibStream(whole, CompressionMode.Decompress)
            : new DeflateStream(whole, CompressionMode.Decompress);
    }

    private static string Quoted(string name) =>
        name.Length <= LongestName && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') ? $"'{name}'" : "that was given";
}
