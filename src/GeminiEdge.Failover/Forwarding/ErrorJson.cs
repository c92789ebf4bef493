using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>An error in Google's shape, which the SDKs parse, and its list of attempts.</summary>
internal static class ErrorJson
{
    private const string Signature = "GeminiEdge:";

    /// <summary>
    /// Writes <c>{"error":{"code","message","status","details":[ErrorInfo, RetryInfo]}}</c>; the error's code is the ErrorInfo's
    /// reason. The message says first whose it is: SDKs show it alone, and it looks like one of Google's.
    /// </summary>
    /// <param name="retryAfter">The seconds of Retry-After, for SDKs that read nothing but RetryInfo.</param>
    public static void WriteGoogleError(
        Utf8JsonWriter json, FailoverError error, string detail, string requestId, ImmutableArray<AttemptSummary> attempts, long? retryAfter)
    {
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteNumber("code"u8, error.Status);
        json.WriteString("message"u8, detail.StartsWith(Signature, StringComparison.Ordinal) ? detail : $"{Signature} {detail}");
        json.WriteString("status"u8, error.GoogleStatus);
        json.WriteStartArray("details"u8);
        json.WriteStartObject();
        json.WriteString("@type"u8, "type.googleapis.com/google.rpc.ErrorInfo"u8);
        json.WriteString("reason"u8, error.Code);
        json.WriteString("domain"u8, "gemini-edge"u8);
        json.WriteStartObject("metadata"u8);
        json.WriteString("request_id"u8, requestId);
        if (!attempts.IsEmpty)
        {
            // ErrorInfo's metadata is a map of strings.
            var text = new ArrayBufferWriter<byte>(256);
            using (var inner = new Utf8JsonWriter(text))
            {
                WriteAttempts(inner, attempts);
            }

            json.WriteString("attempts"u8, Encoding.UTF8.GetString(text.WrittenSpan));
        }

        json.WriteEndObject();
        json.WriteEndObject();
        if (retryAfter is { } seconds)
        {
            json.WriteStartObject();
            json.WriteString("@type"u8, "type.googleapis.com/google.rpc.RetryInfo"u8);
            json.WriteString("retryDelay"u8, string.Create(CultureInfo.InvariantCulture, $"{seconds}s"));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void WriteAttempts(Utf8JsonWriter json, ImmutableArray<AttemptSummary> attempts)
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

            if (attempt.Model is { } model)
            {
                json.WriteString("model"u8, model);
            }

            json.WriteString("verdict"u8, Consequence.Of(attempt.Verdict).Name);
            json.WriteBoolean("skipped"u8, attempt.Skipped);
            if (attempt.Network is { } network)
            {
                json.WriteString("network"u8, network.Name());
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
