using System.Buffers;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary>Copies an upstream answer to the caller, byte for byte and as it comes.</summary>
internal sealed class AnswerCopier(ForwardingOptions options, KeyMask mask)
{
    /// <summary>
    /// Copies a success. From here on nothing can be taken back: an error in mid-stream passes through, and an answer
    /// that breaks off breaks off for the caller too.
    /// </summary>
    public async ValueTask CopyAsync(Attempt attempt, HttpContext context)
    {
        var output = context.Response.BodyWriter;
        var first = attempt.Scanner.Bytes;
        var isWatched = attempt.IsWatched;
        output.Write(first.Span);
        if (isWatched)
        {
            attempt.LearnPassing([]);
        }

        while (!attempt.ReadToEnd)
        {
            if (output.UnflushedBytes > 0 && !await TryFlushAsync(context))
            {
                attempt.BlameClient();
                return;
            }

            var memory = output.GetMemory();
            var count = await attempt.ReadAsync(memory, options.IdleTimeout);
            if (count < 0)
            {
                context.Abort();
                return;
            }

            if (isWatched)
            {
                attempt.LearnPassing(memory.Span[..count]);
            }

            output.Advance(count);
        }

        if (!await TryFlushAsync(context))
        {
            attempt.BlameClient();
        }
    }

    /// <summary>Copies an answer that is no success, with key material masked at equal length.</summary>
    public async ValueTask CopyMaskedAsync(Attempt attempt, HttpContext context)
    {
        AnswerHeaders.Mask(context.Response.Headers, mask);
        var output = context.Response.BodyWriter;
        var copy = new MaskingCopy(mask);
        output.Write(copy.Next(attempt.Scanner.Bytes.Span));
        var buffer = new byte[4096];
        while (!attempt.ReadToEnd)
        {
            if (output.UnflushedBytes > 0 && !await TryFlushAsync(context))
            {
                return;
            }

            var count = await attempt.ReadAsync(buffer, options.IdleTimeout);
            if (count < 0)
            {
                context.Abort();
                return;
            }

            output.Write(copy.Next(buffer.AsSpan(0, count)));
        }

        output.Write(copy.Next([]));
        await TryFlushAsync(context);
    }

    private static async ValueTask<bool> TryFlushAsync(HttpContext context)
    {
        try
        {
            var result = await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
            return !result.IsCompleted && !context.RequestAborted.IsCancellationRequested;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
