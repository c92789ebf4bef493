using GeminiEdge.Failover.Forwarding;

namespace GeminiEdge.Tests.Support;

/// <summary>Shows every answer that a test's client gets to the <see cref="SecretWatch"/>, as it is read.</summary>
internal sealed class WatchingHandler(SecretWatch watch, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        var place = $"the answer to {request.Method} {request.RequestUri?.AbsolutePath}";
        watch.See(place + " (headers)", response.Headers.ToString() + response.Content.Headers);
        response.Content = new WatchedContent(response.Content, bytes => watch.See(place, bytes));
        return response;
    }

    private sealed class WatchedContent : HttpContent
    {
        private readonly HttpContent _inner;
        private readonly SeeBytes _see;

        public WatchedContent(HttpContent inner, SeeBytes see)
        {
            (_inner, _see) = (inner, see);
            foreach (var (name, values) in inner.Headers.NonValidated)
            {
                Headers.TryAddWithoutValidation(name, values);
            }
        }

        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            await using var source = await CreateContentReadStreamAsync();
            await source.CopyToAsync(stream);
        }

        protected override async Task<Stream> CreateContentReadStreamAsync() => new WatchedStream(await _inner.ReadAsStreamAsync(), _see);

        protected override bool TryComputeLength(out long length)
        {
            length = _inner.Headers.ContentLength ?? 0;
            return _inner.Headers.ContentLength is not null;
        }

        protected override void Dispose(bool disposing)
        {
            _inner.Dispose();
            base.Dispose(disposing);
        }
    }

    private delegate void SeeBytes(ReadOnlySpan<byte> bytes);

    private sealed class WatchedStream(Stream inner, SeeBytes see) : ForwardOnlyStream
    {
        private byte[] _last = [];

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);

            // A key can straddle two reads.
            byte[] together = [.. _last, .. buffer.Span[..count]];
            see(together);
            _last = together[Math.Max(0, together.Length - 7)..];
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
