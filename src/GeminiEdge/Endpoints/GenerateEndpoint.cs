using System.Buffers;
using System.Text.Json;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary><c>POST /api/generate</c>: a prompt in, a text out, whole or as it is written.</summary>
internal sealed class GenerateEndpoint(
    ForwardingOptions options, Forwarder forwarder, BodyReader bodies, GenerateStream stream, FailureWriter failures, ErrorWriter errors, KeyMask mask)
{
    /// <summary>The largest answer that is put together in memory.</summary>
    private const int LargestAnswer = 64 << 20;

    public async ValueTask HandleAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.Allow = "POST";
            await errors.WriteAsync(context, EndpointErrors.MethodNotAllowed, "Send the prompt with POST.");
            return;
        }

        if (context.Request.ContentType is not null && !context.Request.HasJsonContentType())
        {
            await errors.WriteAsync(context, EndpointErrors.UnsupportedMediaType, "Send the body as Content-Type: application/json.");
            return;
        }

        if (await bodies.ReadInflatedAsync(context) is not { } body)
        {
            return;
        }

        GenerateRequest? prompt;
        string? fault;
        try
        {
            (prompt, fault) = GenerateRequest.Read(body.Memory.Span, options.DefaultModel);
        }
        finally
        {
            body.Release();
        }

        if (prompt is null)
        {
            await errors.WriteAsync(context, EndpointErrors.InvalidRequest, fault!);
            return;
        }

        // The body for the upstream takes the place of the caller's, in memory and in the budget.
        if (await bodies.TakeAsync(context, prompt.UpstreamBody) is { } upstreamBody)
        {
            try
            {
                await ForwardAsync(context, prompt, upstreamBody);
            }
            finally
            {
                upstreamBody.Release();
            }
        }
    }

    private async ValueTask ForwardAsync(HttpContext context, GenerateRequest prompt, RequestBody body)
    {
        var action = prompt.Stream ? "streamGenerateContent" : "generateContent";
        var request = new EdgeRequest
        {
            Context = context,
            RequestId = RequestId.Of(context),
            Call = new GeminiCall { Method = action, Kind = CallKind.Generate, Model = prompt.Model, Replayable = true, MustAnswer = true, Streams = prompt.Stream },
            Verb = HttpMethod.Post,
            PathAndQuery = $"/v1beta/models/{prompt.Model}:{action}{(prompt.Stream ? "?alt=sse" : "")}",
            Body = body,
            IsOwn = true,
            AnswerLimit = LargestAnswer,
        };
        var result = await forwarder.SendAsync(request);
        FailureWriter.SetAttemptHeaders(context, result);
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
                forwarder.Finish(attempt, request);
            }
        }
    }

    private static async ValueTask WriteWholeAsync(HttpContext context, Attempt attempt)
    {
        var answer = GeminiAnswer.Read(attempt.FirstPiece) ?? new GeminiAnswer();
        var body = new ArrayBufferWriter<byte>(answer.Text.Length + 256);
        using (var json = new Utf8JsonWriter(body, JsonAnswer.Plain))
        {
            json.WriteStartObject();
            json.WriteString("text"u8, answer.Text);
            answer.WriteEnd(json);
            json.WriteEndObject();
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = body.WrittenCount;
        try
        {
            await context.Response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            attempt.BlameClient();
        }
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
