using GeminiEdge.Failover.Forwarding;

namespace GeminiEdge.Failover;

/// <summary>Takes an SDK's request body. It is written out, not read, because only that works again when a message is sent a second time.</summary>
internal static class SentBody
{
    public static async ValueTask<(RequestBody Body, BodyError Error)> ReadAsync(HttpContent content, long limit, MemoryBudget budget, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentLength > limit)
        {
            return (RequestBody.Empty, BodyError.TooLarge);
        }

        using var written = new BoundedStream(limit);
        try
        {
            await content.CopyToAsync(written, cancellationToken);
        }
        catch (Exception) when (written.IsOverfull)
        {
            // HttpContent wraps what its stream throws.
            return (RequestBody.Empty, BodyError.TooLarge);
        }

        if (written.Length == 0)
        {
            return (RequestBody.Empty, BodyError.None);
        }

        if (RequestBody.TryTake(written.ToArray(), budget) is not { } body)
        {
            return (RequestBody.Empty, BodyError.Overloaded);
        }

        if (content.Headers.NonValidated.TryGetValues("Content-Encoding", out var codings))
        {
            try
            {
                await body.InflateAsync(ContentCodings.Parse(codings), limit, cancellationToken);
            }
            catch
            {
                body.Release();
                throw;
            }
        }

        return (body, BodyError.None);
    }

    private sealed class BoundedStream(long limit) : Stream
    {
        private readonly MemoryStream _written = new();

        public bool IsOverfull { get; private set; }

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _written.Length;

        public override long Position { get => Length; set => throw new NotSupportedException(); }

        public byte[] ToArray() => _written.ToArray();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (Length + buffer.Length > limit)
            {
                IsOverfull = true;
                throw new IOException("The body is larger than it may be.");
            }

            _written.Write(buffer);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            Write(buffer.AsSpan(offset, count));
            return Task.CompletedTask;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
