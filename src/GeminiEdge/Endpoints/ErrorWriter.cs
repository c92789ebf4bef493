using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using GeminiEdge.Forwarding;
using GeminiEdge.Keys;
using GeminiEdge.Telemetry;
using GeminiEdge.Verdicts;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary>
/// Writes the edge's own errors: as problem details under <c>/api</c>, elsewhere in Google's shape, because the SDKs
/// parse that.
/// </summary>
internal sealed class ErrorWriter(KeyMask mask)
{
    public async ValueTask WriteAsync(
        HttpContext context,
        EdgeError error,
        string detail,
        ImmutableArray<AttemptSummary> attempts = default,
        TimeSpan? retryAfter = null,
        Action<Utf8JsonWriter>? more = null)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            context.Abort();
            return;
        }

        var headers = response.Headers;
        response.StatusCode = error.Status;
        headers.CacheControl = "no-store";
        if (retryAfter is { } wait)
        {
            headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        var isApi = RequestPath.Of(context).StartsWith("/api/", StringComparison.Ordinal);
        response.ContentType = isApi ? "application/problem+json" : "application/json; charset=UTF-8";
        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body, JsonAnswer.Plain))
        {
            var fault = new Fault(error, mask.Clean(detail), RequestId.Of(context), attempts.IsDefault ? [] : attempts);
            if (isApi)
            {
                WriteProblem(json, fault, more);
            }
            else
            {
                WriteGoogleError(json, fault);
            }
        }

        response.ContentLength = body.WrittenCount;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
        }
    }

    /// <summary>The fields that problem details and the error event of a stream share.</summary>
    public static void WriteProblem(Utf8JsonWriter json, Fault fault, Action<Utf8JsonWriter>? more = null)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "about:blank"u8);
        json.WriteString("title"u8, fault.Error.Title);
        json.WriteNumber("status"u8, fault.Error.Status);
        json.WriteString("code"u8, fault.Error.Code);
        json.WriteString("detail"u8, fault.Detail);
        json.WriteString("request_id"u8, fault.RequestId);
        if (!fault.Attempts.IsEmpty)
        {
            json.WritePropertyName("attempts"u8);
            WriteAttempts(json, fault.Attempts);
        }

        more?.Invoke(json);
        json.WriteEndObject();
    }

    private static void WriteGoogleError(Utf8JsonWriter json, Fault fault)
    {
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteNumber("code"u8, fault.Error.Status);
        json.WriteString("message"u8, fault.Detail);
        json.WriteString("status"u8, fault.Error.GoogleStatus);
        json.WriteStartArray("details"u8);
        json.WriteStartObject();
        json.WriteString("@type"u8, "type.googleapis.com/google.rpc.ErrorInfo"u8);
        json.WriteString("reason"u8, fault.Error.Code);
        json.WriteString("domain"u8, "gemini-edge"u8);
        json.WriteStartObject("metadata"u8);
        json.WriteString("request_id"u8, fault.RequestId);
        if (!fault.Attempts.IsEmpty)
        {
            // ErrorInfo's metadata is a map of strings.
            var attempts = new ArrayBufferWriter<byte>(256);
            using (var inner = new Utf8JsonWriter(attempts))
            {
                WriteAttempts(inner, fault.Attempts);
            }

            json.WriteString("attempts"u8, Encoding.UTF8.GetString(attempts.WrittenSpan));
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteAttempts(Utf8JsonWriter json, ImmutableArray<AttemptSummary> attempts)
    {
        json.WriteStartArray();
        foreach (var attempt in attempts)
        {
            json.WriteStartObject();
            json.WriteString("slot"u8, attempt.Key.Slot.Name());
            json.WriteString("key_id"u8, attempt.Key.Id);
            if (attempt.Status is { } status)
            {
                json.WriteNumber("status"u8, status);
            }
            else
            {
                json.WriteNull("status"u8);
            }

            json.WriteString("verdict"u8, Consequence.Of(attempt.Verdict).Name);
            json.WriteBoolean("skipped"u8, attempt.Skipped);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}

/// <summary>One error, ready to be written.</summary>
internal readonly record struct Fault(EdgeError Error, string Detail, string RequestId, ImmutableArray<AttemptSummary> Attempts);
