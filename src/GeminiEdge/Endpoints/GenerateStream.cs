using System.Buffers;
using System.Text.Json;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary>
/// The stream of <c>/api/generate</c>: one event for each chunk of the upstream, then <c>done</c> or <c>error</c>.
/// Without one of these two the caller knows that the answer is cut.
/// </summary>
internal sealed class GenerateStream(ForwardingOptions options, Forwarder forwarder, KeyMask mask)
{
    public async ValueTask CopyAsync(Attempt attempt, EdgeRequest request)
    {
        var context = request.Context;
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        try
        {
            var last = await CopyChunksAsync(attempt, context);
            if (attempt.Verdict == Verdict.Ok && !last.IsLast)
            {
                attempt.BlameCut();
            }

            if (attempt.Verdict == Verdict.Ok)
            {
                WriteEvent(context, "done", last.WriteEnd);
            }
            else if (attempt.Verdict != Verdict.ClientGone)
            {
                var fault = Fault(attempt, request);
                WriteEvent(context, "error", json => ErrorWriter.WriteProblem(json, fault), isWhole: true);
            }

            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            attempt.BlameClient();
        }
        finally
        {
            forwarder.Finish(attempt, request);
        }
    }

    private async ValueTask<GeminiAnswer> CopyChunksAsync(Attempt attempt, HttpContext context)
    {
        var scanner = attempt.Scanner;
        var answer = Copy(attempt.FirstPiece, new GeminiAnswer(), context);
        while (true)
        {
            while (scanner.TryReadPiece(out var piece) || (attempt.ReadToEnd && scanner.TryReadLastPiece(out piece)))
            {
                if (attempt.Learn(piece).IsError)
                {
                    return answer;
                }

                answer = Copy(piece, answer, context);
            }

            scanner.DropRead();
            var flushed = await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
            if (flushed.IsCompleted)
            {
                attempt.BlameClient();
            }

            if (attempt.ReadToEnd || attempt.Verdict != Verdict.Ok)
            {
                return answer;
            }

            var count = await attempt.ReadAsync(scanner.GetMemory(), options.IdleTimeout);
            if (count < 0)
            {
                return answer;
            }

            scanner.Advance(count);
        }
    }

    private static GeminiAnswer Copy(ReadOnlyMemory<byte> piece, GeminiAnswer before, HttpContext context)
    {
        if (GeminiAnswer.Read(piece) is not { } chunk)
        {
            return before;
        }

        if (chunk.Text.Length > 0)
        {
            WriteEvent(context, null, json => json.WriteString("text"u8, chunk.Text));
        }

        return before.Then(chunk);
    }

    private static void WriteEvent(HttpContext context, string? name, Action<Utf8JsonWriter> write, bool isWhole = false)
    {
        var output = context.Response.BodyWriter;
        if (name is not null)
        {
            output.Write(System.Text.Encoding.ASCII.GetBytes($"event: {name}\n"));
        }

        output.Write("data: "u8);
        using (var json = new Utf8JsonWriter((IBufferWriter<byte>)output, JsonAnswer.Plain))
        {
            if (isWhole)
            {
                write(json);
            }
            else
            {
                json.WriteStartObject();
                write(json);
                json.WriteEndObject();
            }
        }

        output.Write("\n\n"u8);
    }

    private Fault Fault(Attempt attempt, ForwardRequest request)
    {
        var (error, detail) = attempt.Verdict switch
        {
            Verdict.UpstreamTimeout => (FailoverError.DeadlineExceeded, $"The upstream was silent for {options.IdleTimeout.TotalSeconds:0.###} s in the middle of its answer."),
            Verdict.Network => (EndpointErrors.UpstreamCut, "The upstream's answer broke off before its end."),
            _ => (FailoverError.UpstreamRejected(attempt.Failure.Status), mask.Clean(attempt.Failure.Error.Message)),
        };
        return new Fault(error, detail, request.RequestId, []);
    }
}
