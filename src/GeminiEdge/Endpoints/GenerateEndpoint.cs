using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary><c>POST /api/generate</c>: a prompt in, a text out, whole or as it is written.</summary>
internal sealed class GenerateEndpoint(
    ForwardingOptions options, Forwarder forwarder, BodyReader bodies, GenerateStream stream, FallbackHeader fallbacks, FailureWriter failures, ErrorWriter errors, KeyMask mask,
    MemoryBudget budget, Shutdown shutdown)
{
    public const string Path = "/api/generate";

    /// <summary>The largest answer that is put together in memory.</summary>
    private const int LargestAnswer = 64 << 20;

    /// <summary>The server copies what it is given: no more at once.</summary>
    private const int LargestWrite = 64 << 10;

    public async ValueTask HandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.Allow = "POST";
            await errors.WriteAsync(context, FailoverError.MethodNotAllowed, "Send the prompt with POST.");
            return;
        }

        if (context.Request.ContentType is not (null or "application/json") && !context.Request.HasJsonContentType())
        {
            await errors.WriteAsync(context, EndpointErrors.UnsupportedMediaType, "Send the body as Content-Type: application/json.");
            return;
        }

        if (await bodies.ReadInflatedAsync(context) is not { } body)
        {
            return;
        }

        GenerateRequest? prompt;
        RequestBody? upstreamBody;
        try
        {
            (prompt, var fault) = GenerateRequest.Read(body.Memory.Span, options.DefaultModel);
            if (prompt is null)
            {
                await errors.WriteAsync(context, FailoverError.InvalidRequest, fault!);
                return;
            }

            upstreamBody = prompt.Compose(body, budget);
        }
        finally
        {
            body.Release();
        }

        if (upstreamBody is null)
        {
            await bodies.WriteOverloadedAsync(context);
            return;
        }

        try
        {
            await ForwardAsync(context, prompt, upstreamBody);
        }
        finally
        {
            upstreamBody.Release();
        }
    }

    private async ValueTask ForwardAsync(HttpContext context, GenerateRequest prompt, RequestBody body)
    {
        var action = prompt.Stream ? "streamGenerateContent" : "generateContent";
        var call = new GeminiCall { Method = action, Kind = CallKind.Generate, Model = prompt.Model, Replayable = true, MustAnswer = true, Streams = prompt.Stream };
        if (await fallbacks.ReadAsync(context, call) is not (true, var models))
        {
            return;
        }

        var request = new EdgeRequest
        {
            Context = context,
            Shutdown = shutdown,
            RequestId = RequestId.Of(context),
            Call = call,
            Fallbacks = models,
            Verb = HttpMethod.Post,
            PathAndQuery = $"/v1beta/models/{prompt.Model}:{action}{(prompt.Stream ? "?alt=sse" : "")}",
            Body = body,
            IsOwn = true,
            AnswerLimit = LargestAnswer,
            Memory = budget,
        };
        var result = await forwarder.SendAsync(request);
        failures.SetAttemptHeaders(context, result);
        if (result.Attempt is null)
        {
            await failures.WriteAsync(context, result);
            return;
        }

        using var attempt = result.Attempt;
        if (result.Outcome == ForwardOutcome.ReturnedAsIs)
        {
            await WriteRejectedAsync(context, attempt);
        }
        else if (attempt.HadNoRoom)
        {
            forwarder.Finish(attempt);
            await bodies.WriteOverloadedAsync(context);
        }
        else if (prompt.Stream)
        {
            await stream.CopyAsync(attempt, request);
        }
        else
        {
            try
            {
                await WriteWholeAsync(context, attempt);
            }
            finally
            {
                forwarder.Finish(attempt);
            }
        }
    }

    private static async ValueTask WriteWholeAsync(HttpContext context, Attempt attempt)
    {
        var piece = attempt.FirstPiece;
        var answer = (piece.Length > ForwardRequest.FirstPieceLimit ? GeminiAnswer.ReadLarge(piece) : GeminiAnswer.Read(piece)) ?? new GeminiAnswer();

        // As much as the writer asks for, which reckons with three bytes a letter: with less it takes twice.
        var end = new ArrayBufferWriter<byte>((3 * answer.Text.Length) + 256);
        using (var json = new Utf8JsonWriter(end, JsonAnswer.Plain))
        {
            json.WriteStartObject();
            if (answer.WrittenTexts.IsEmpty)
            {
                json.WriteString("text"u8, answer.Text);
            }

            answer.WriteEnd(json);
            json.WriteEndObject();
        }

        var response = context.Response;
        response.ContentType = "application/json; charset=utf-8";
        try
        {
            if (answer.WrittenTexts.IsEmpty)
            {
                response.ContentLength = end.WrittenCount;
                attempt.DeliverTo(context);
                await response.Body.WriteAsync(end.WrittenMemory, context.RequestAborted);
            }
            else
            {
                await WriteLargeAsync(response, answer.WrittenTexts, end.WrittenMemory[1..], attempt);
            }
        }
        catch (OperationCanceledException)
        {
            attempt.BlameClient();
        }
    }

    /// <summary>A large text goes on as it is written in the upstream's JSON: it is in memory once.</summary>
    private static async ValueTask WriteLargeAsync(HttpResponse response, ImmutableArray<ReadOnlyMemory<byte>> texts, ReadOnlyMemory<byte> end, Attempt attempt)
    {
        var begin = "{\"text\":\""u8.ToArray();
        response.ContentLength = begin.Length + texts.Sum(text => (long)text.Length) + "\","u8.Length + end.Length;
        await response.Body.WriteAsync(begin, response.HttpContext.RequestAborted);
        foreach (var text in texts)
        {
            for (var rest = text; !rest.IsEmpty; rest = rest[Math.Min(rest.Length, LargestWrite)..])
            {
                await response.Body.WriteAsync(rest[..Math.Min(rest.Length, LargestWrite)], response.HttpContext.RequestAborted);
            }
        }

        await response.Body.WriteAsync("\","u8.ToArray(), response.HttpContext.RequestAborted);
        attempt.DeliverTo(response.HttpContext);
        await response.Body.WriteAsync(end, response.HttpContext.RequestAborted);
    }

    private ValueTask WriteRejectedAsync(HttpContext context, Attempt attempt)
    {
        var error = attempt.Failure!.Error;
        var status = attempt.Failure.Status;
        return errors.WriteAsync(
            context,
            FailoverError.UpstreamRejected(status),
            error.Message.Length > 0 ? error.Message : $"The upstream answered {status} and gave no reason.",
            more: json =>
            {
                json.WriteString("verdict"u8, Consequence.Of(attempt.Verdict).Name);
                if (error.Status is not null)
                {
                    json.WriteString("google_status"u8, mask.Clean(error.Status));
                }
            });
    }
}
