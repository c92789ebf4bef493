using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GeminiEdge.Tests.Support;

/// <summary>Keeps a copy of what the sandbox answers: the answers to two requests differ in ids and times, even to the same question.</summary>
internal sealed class AnswerTee(Stream inner) : Stream
{
    private readonly MemoryStream _copy = new();

    public int Status { get; private set; }

    public string? ContentType { get; private set; }

    public byte[] Bytes => _copy.ToArray();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Copies the answer to a request that the sandbox is about to answer.</summary>
    public static AnswerTee Install(HttpContext context)
    {
        var prior = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var tee = new AnswerTee(prior.Stream);
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(tee, prior));
        context.Response.OnStarting(() =>
        {
            (tee.Status, tee.ContentType) = (context.Response.StatusCode, context.Response.ContentType);
            return Task.CompletedTask;
        });
        return tee;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _copy.Write(buffer.Span);
        await inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write it asynchronously.");

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
