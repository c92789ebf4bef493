using System.Net;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// The body of an HTTP/2 answer that has told its length. Its stream says where it ends, and the client believes that; a body
/// that is shorter than was said is cut all the same.
/// </summary>
internal sealed class CountedContent : HttpContent
{
    private readonly HttpContent _content;
    private readonly long _length;

    private CountedContent(HttpContent content, long length)
    {
        (_content, _length) = (content, length);
        foreach (var (name, values) in content.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    /// <summary>Counts the body of an answer, where there is something to count.</summary>
    public static void Count(HttpResponseMessage answer)
    {
        var isBodiless = answer.RequestMessage?.Method == HttpMethod.Head || answer.StatusCode is HttpStatusCode.NotModified or HttpStatusCode.NoContent;
        if (answer.Version.Major == 2 && !isBodiless && answer.Content.Headers.ContentLength is { } length)
        {
            answer.Content = new CountedContent(answer.Content, length);
        }
    }

    protected override async Task<Stream> CreateContentReadStreamAsync() => new CountedStream(await _content.ReadAsStreamAsync(), _length);

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        new CountedStream(await _content.ReadAsStreamAsync(cancellationToken), _length);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException();

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content.Dispose();
        }

        base.Dispose(disposing);
    }

    private sealed class CountedStream(Stream stream, long rest) : ForwardOnlyStream
    {
        private long _rest = rest;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await stream.ReadAsync(buffer, cancellationToken);
            return Counted(count, buffer.Length);
        }

        public override int Read(byte[] buffer, int offset, int count) => Counted(stream.Read(buffer, offset, count), count);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                stream.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Counted(int count, int wanted)
        {
            _rest -= count;
            return (count == 0 && wanted > 0 && _rest > 0) || _rest < 0
                ? throw new HttpIOException(HttpRequestError.ResponseEnded, "The answer is not as long as it said.")
                : count;
        }
    }
}
