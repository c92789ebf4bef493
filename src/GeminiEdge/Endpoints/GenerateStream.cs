using System.Runtime.CompilerServices;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary>
/// The stream of <c>/api/generate</c>: one event for each chunk of the upstream, then <c>done</c> or <c>error</c>.
/// Without one of these two the caller knows that the answer is cut. While the model is silent a comment now and then keeps
/// the connection open.
/// </summary>
internal sealed class GenerateStream(ForwardingOptions options, Forwarder forwarder, KeyMask mask, TimeProvider time)
{
    public async ValueTask CopyAsync(Attempt attempt, EdgeRequest request)
    {
        var context = request.Context;
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        using var events = new EventWriter(context.Response.BodyWriter);
        using var stopping = request.Shutdown.GraceOver.UnsafeRegister(static attempt => ((Attempt)attempt!).Stop(), attempt);
        try
        {
            var last = await CopyChunksAsync(attempt, context, events);
            if (attempt.Verdict == Verdict.Ok && !last.IsLast && !attempt.HadNoRoom)
            {
                attempt.BlameCut();
            }

            if (attempt.Verdict == Verdict.Ok && !attempt.HadNoRoom)
            {
                events.WriteDone(last);
                attempt.DeliverTo(context);
            }
            else if (attempt.Verdict != Verdict.ClientGone)
            {
                events.WriteError(Fault(attempt, request));
            }

            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            attempt.BlameClient();
        }
        finally
        {
            forwarder.Finish(attempt);
        }
    }

    private async ValueTask<GeminiAnswer> CopyChunksAsync(Attempt attempt, HttpContext context, EventWriter events)
    {
        using var silence = new SilenceWatch(time);
        var output = context.Response.BodyWriter;
        var scanner = attempt.Scanner;
        var answer = Copy(attempt.FirstPiece, new GeminiAnswer(), events);
        while (true)
        {
            while (scanner.TryReadPiece(out var piece) || (attempt.ReadToEnd && scanner.TryReadLastPiece(out piece)))
            {
                if (attempt.Learn(piece).IsError)
                {
                    return answer;
                }

                answer = Copy(piece, answer, events);
            }

            scanner.DropRead();
            if (output.UnflushedBytes > 0)
            {
                silence.Sent();
            }

            if ((await output.FlushAsync(context.RequestAborted)).IsCompleted)
            {
                attempt.BlameClient();
            }

            if (attempt.ReadToEnd || attempt.Verdict != Verdict.Ok)
            {
                return answer;
            }

            var read = attempt.ReadAsync(scanner.GetMemory(), options.IdleTimeout);
            var count = read.IsCompleted ? await read : await ReadAsync(read.AsTask(), attempt, context, events, silence);
            if (count < 0)
            {
                return answer;
            }

            scanner.Advance(count);
        }
    }

    /// <summary>Waits for a read, and tells the caller now and then that it does. Pooled: it runs for nearly every chunk.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<int> ReadAsync(Task<int> reading, Attempt attempt, HttpContext context, EventWriter events, SilenceWatch silence)
    {
        try
        {
            while (!await silence.WaitAsync(reading))
            {
                events.WriteSignOfLife();
                silence.Sent();
                if ((await context.Response.BodyWriter.FlushAsync(context.RequestAborted)).IsCompleted)
                {
                    attempt.Leave();
                }
            }
        }
        finally
        {
            if (!reading.IsCompleted)
            {
                // The memory that it reads into is the attempt's, which ends with this stream.
                attempt.Leave();
                await reading;
            }
        }

        return await reading;
    }

    private static GeminiAnswer Copy(ReadOnlyMemory<byte> piece, GeminiAnswer before, EventWriter events)
    {
        if (GeminiAnswer.Read(piece) is not { } chunk)
        {
            return before;
        }

        if (chunk.Text.Length > 0)
        {
            events.WriteText(chunk.Text);
        }

        return before.Then(chunk);
    }

    private Fault Fault(Attempt attempt, ForwardRequest request)
    {
        var (error, detail) = attempt.Verdict switch
        {
            Verdict.Ok => (FailoverError.Overloaded, "A piece of the answer is larger than what is left of GeminiEdge__BufferLimit. Try again in a moment."),
            Verdict.UpstreamTimeout => (FailoverError.DeadlineExceeded, $"The upstream was silent for {options.IdleTimeout.TotalSeconds:0.###} s in the middle of its answer."),
            Verdict.EdgeStopped => (EndpointErrors.EdgeStopped, "The edge is shutting down, and the answer took longer than GeminiEdge__ShutdownGrace. Send the request again."),
            Verdict.Network => (EndpointErrors.UpstreamCut, "The upstream's answer broke off before its end."),
            _ => (FailoverError.UpstreamRejected(attempt.Failure!.Status), mask.Clean(attempt.Failure.Error.Message)),
        };
        return new Fault(error, detail, request.RequestId, []);
    }
}
