using System.Buffers;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary>Copies an upstream answer to the caller, byte for byte and as it comes.</summary>
internal sealed class AnswerCopier(ForwardingOptions options, KeyMask mask)
{
    /// <summary>As long as an answer fills what it is read into, it is read in such pieces, in bytes: pictures and files come in eight times fewer calls.</summary>
    private const int LargePiece = 32 << 10;

    /// <summary>
    /// Copies a success. From here on nothing can be taken back: an error in mid-stream passes, with keys masked in it, and an
    /// answer that breaks off breaks off for the caller too.
    /// </summary>
    public async ValueTask CopyAsync(Attempt attempt, HttpContext context)
    {
        if (attempt.IsWatched)
        {
            await CopyPiecesAsync(attempt, context);
            return;
        }

        var output = context.Response.BodyWriter;
        var (written, declared) = ((long)attempt.Scanner.Bytes.Length, context.Response.ContentLength);
        output.Write(attempt.Scanner.Bytes.Span);
        var piece = 0;
        while (true)
        {
            if (written >= declared)
            {
                attempt.DeliverTo(context);
            }

            if (!await TryFlushAsync(attempt, context))
            {
                return;
            }

            var room = output.GetMemory(piece);
            var count = await attempt.ReadAsync(room, options.IdleTimeout);
            if (count < 0)
            {
                context.Abort();
                return;
            }

            piece = count == room.Length ? LargePiece : 0;
            written += count;
            output.Advance(count);
        }
    }

    private async ValueTask CopyPiecesAsync(Attempt attempt, HttpContext context)
    {
        var output = context.Response.BodyWriter;
        while (true)
        {
            var passes = attempt.TryPass(output, mask);
            if (attempt.SaidDone)
            {
                attempt.DeliverTo(context);
            }

            var hasMore = await TryFlushAsync(attempt, context);
            if (passes && !hasMore)
            {
                return;
            }

            if (!passes || !await attempt.ReadOnAsync(options.IdleTimeout))
            {
                context.Abort();
                return;
            }
        }
    }

    /// <summary>Copies an answer that is no success, with key material masked at equal length.</summary>
    public async ValueTask CopyMaskedAsync(Attempt attempt, HttpContext context)
    {
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

    /// <summary>Sends on what is there.</summary>
    /// <returns>Whether there is more to come, for a caller who is there to take it.</returns>
    private static async ValueTask<bool> TryFlushAsync(Attempt attempt, HttpContext context)
    {
        if (context.Response.BodyWriter.UnflushedBytes > 0 && !await TryFlushAsync(context))
        {
            attempt.BlameClient();
            return false;
        }

        return !attempt.ReadToEnd;
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
