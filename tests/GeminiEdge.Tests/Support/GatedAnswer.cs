using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Support;

/// <summary>An answer of the sandbox, over its real connection, that a test lets out piece by piece.</summary>
internal sealed class GatedAnswer(string contentType)
{
    private readonly Channel<byte[]> _pieces = Channel.CreateUnbounded<byte[]>();
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<long> _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How long the answer says it is; chunked without.</summary>
    public long? Length { get; init; }

    /// <summary>The request has arrived.</summary>
    public Task Asked => _asked.Task.WaitAsync(Patience.Limit);

    /// <summary>When the edge closed the connection, as <see cref="TimeProvider.System"/> tells time.</summary>
    public Task<long> Left => _left.Task.WaitAsync(Patience.Limit);

    public void Send(string piece) => Send(Encoding.UTF8.GetBytes(piece));

    public void Send(byte[] piece) => _pieces.Writer.TryWrite(piece);

    public void End() => _pieces.Writer.Complete();

    /// <summary>Ends the connection after what was sent.</summary>
    public void Cut() => _pieces.Writer.Complete(new IOException("The test cut the answer."));

    /// <summary>For <c>GeminiSandbox.OnRequest</c>.</summary>
    public async Task<bool> AnswerAsync(HttpContext context)
    {
        _asked.TrySetResult();

        // Not disposed of: the wait below is told of the same cancellation, and could unregister this before its turn.
        context.RequestAborted.Register(() => _left.TrySetResult(TimeProvider.System.GetTimestamp()));
        context.Response.ContentType = contentType;
        context.Response.ContentLength = Length;
        await foreach (var piece in _pieces.Reader.ReadAllAsync(context.RequestAborted))
        {
            await context.Response.Body.WriteAsync(piece, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }

        return true;
    }
}
