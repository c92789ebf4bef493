using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using GeminiEdge.Access;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary>
/// Writes the edge's own errors: as problem details under <c>/api</c>, elsewhere in Google's shape, because the SDKs
/// parse that. Whoever is refused is counted here, whatever it was that refused.
/// </summary>
internal sealed class ErrorWriter(KeyMask mask, ClientRefusals refusals, RestOfBody rest)
{
    public async ValueTask WriteAsync(
        HttpContext context,
        FailoverError error,
        string detail,
        ImmutableArray<AttemptSummary> attempts = default,
        TimeSpan? retryAfter = null,
        Action<Utf8JsonWriter>? more = null)
    {
        if (error == EndpointErrors.Unauthorized)
        {
            refusals.Add(RawTarget.AreaOf(context));
        }

        var response = context.Response;
        if (response.HasStarted)
        {
            context.Abort();
            return;
        }

        var headers = response.Headers;
        response.StatusCode = error.Status;
        headers.CacheControl = "no-store";
        var seconds = Failure.Seconds(retryAfter);
        if (seconds is { } wait)
        {
            headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
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
                ErrorJson.WriteGoogleError(json, fault.Error, fault.Detail, fault.RequestId, fault.Attempts, seconds);
            }
        }

        response.ContentLength = body.WrittenCount;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
            await rest.SkipAsync(context);
        }
    }

    /// <summary>The caller's body was cut short, too slow, or not HTTP.</summary>
    public ValueTask WriteBodyFaultAsync(HttpContext context, Exception fault) => WriteAsync(
        context,
        fault is BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } ? EndpointErrors.RequestTimeout : FailoverError.InvalidRequest,
        "The request body could not be read to its end.");

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
            ErrorJson.WriteAttempts(json, fault.Attempts);
        }

        more?.Invoke(json);
        json.WriteEndObject();
    }
}

/// <summary>One error, ready to be written.</summary>
internal readonly record struct Fault(FailoverError Error, string Detail, string RequestId, ImmutableArray<AttemptSummary> Attempts);
