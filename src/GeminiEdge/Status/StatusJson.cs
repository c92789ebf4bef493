using System.Text.Json;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Models;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Status;

/// <summary>
/// The objects of the status, the same in the snapshot and in its events. What callers can write in them, a model's name, goes
/// through the mask.
/// </summary>
internal sealed class StatusJson(KeyMask mask, TimeProvider time)
{
    // A caller can make any number of models rest; who looks wants to know that there are some.
    private const int MostTroubles = 20;

    public static string NameOf(RefusalScope scope) => scope switch
    {
        RefusalScope.Key => "key",
        RefusalScope.Kind => "kind",
        RefusalScope.Model => "model",
        _ => "request",
    };

    public void Write(Utf8JsonWriter json, Numbered<SeenAttempt> seen)
    {
        var attempt = seen.Item.Record;
        json.WriteStartObject();
        json.WriteNumber("n"u8, seen.Number);
        json.WriteString("time"u8, seen.Item.At.UtcDateTime);
        json.WriteString("request_id"u8, mask.Clean(attempt.RequestId));
        json.WriteNumber("attempt"u8, attempt.Attempt);
        json.WriteString("slot"u8, attempt.Key.Slot.Name());
        json.WriteString("key_id"u8, attempt.Key.Id);
        json.WriteString("model"u8, attempt.Model is null ? null : mask.Clean(attempt.Model));
        json.WriteString("kind"u8, attempt.Kind.Name());
        Write(json, "status"u8, attempt.Status);
        json.WriteString("event"u8, attempt.Event.Name);
        json.WriteString("verdict"u8, Consequence.Of(attempt.Verdict).Name);
        json.WriteString("next"u8, attempt.Next.Name());
        Write(json, "duration_ms"u8, AttemptRecord.Milliseconds(attempt.Duration));
        Write(json, "ttft_ms"u8, AttemptRecord.Milliseconds(attempt.TimeToFirstByte));
        json.WriteEndObject();
    }

    public void Write(Utf8JsonWriter json, Numbered<StatusEvent> seen)
    {
        json.WriteStartObject();
        json.WriteNumber("n"u8, seen.Number);
        json.WriteString("time"u8, seen.Item.At.UtcDateTime);
        json.WriteString("event"u8, seen.Item.Name);
        foreach (var (name, value) in seen.Item.Fields)
        {
            if (value is not null)
            {
                json.WriteString(name, mask.Clean(value));
            }
        }

        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, StatusMinute minute)
    {
        json.WriteStartObject();
        json.WriteString("time"u8, minute.At.UtcDateTime);
        json.WriteNumber("requests"u8, minute.Requests);
        json.WriteNumber("failures"u8, minute.Failures);
        json.WriteNumber("failovers"u8, minute.Failovers);
        json.WriteNumber("attempts"u8, minute.Attempts);
        Write(json, "p50_ms"u8, minute.Median);
        Write(json, "p95_ms"u8, minute.P95);
        json.WriteEndObject();
    }

    /// <param name="seen">What was counted of the key; null for nothing yet.</param>
    /// <param name="withMinutes">Its last hour too.</param>
    public void Write(Utf8JsonWriter json, RingKey key, KeySeen? seen, bool withMinutes)
    {
        var worst = key.Health.Trouble;
        json.WriteStartObject();
        json.WriteString("slot"u8, key.Slot.Name());
        json.WriteString("key_id"u8, key.Id);
        json.WriteString("state"u8, key.Health.State.Name());
        json.WriteString("verdict"u8, worst is null ? null : Consequence.Of(worst.Cause).Name);
        WriteUntil(json, worst?.Rest);
        json.WriteBoolean("leaked"u8, key.Health.IsLeaked);
        json.WriteString("version"u8, key.Version);
        Write(json, "created"u8, key.CreatedOn);
        Write(json, "expires"u8, key.ExpiresOn);
        json.WriteNumber("attempts"u8, seen?.Attempts ?? 0);
        json.WriteNumber("failures"u8, seen?.Failures ?? 0);
        Write(json, "last_attempt"u8, seen?.LastAttempt);
        json.WriteStartArray("troubles"u8);
        foreach (var trouble in key.Health.Troubles.Take(MostTroubles))
        {
            Write(json, trouble);
        }

        json.WriteEndArray();
        if (withMinutes)
        {
            WriteMinutes(json, seen);
        }

        json.WriteEndObject();
    }

    public void Write(Utf8JsonWriter json, ModelSeen model)
    {
        json.WriteStartObject();
        json.WriteString("model"u8, mask.Clean(model.Model));
        json.WriteString("pin"u8, model.Pin);
        Write(json, "answered"u8, model.AnsweredAt);
        json.WriteStartArray("versions"u8);
        foreach (var version in model.Versions)
        {
            json.WriteStartObject();
            json.WriteString("version"u8, mask.Clean(version.Version));
            Write(json, "seen"u8, version.At);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Whole seconds: what is the same twice is written the same.</summary>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset? at)
    {
        if (at is { } known)
        {
            json.WriteString(name, DateTimeOffset.FromUnixTimeSeconds(known.ToUnixTimeSeconds()).UtcDateTime);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteMinutes(Utf8JsonWriter json, KeySeen? seen)
    {
        json.WriteStartArray("minutes"u8);
        foreach (var row in seen?.Minutes ?? [])
        {
            json.WriteStartObject();
            Write(json, "time"u8, DateTimeOffset.FromUnixTimeSeconds(row[0] * 60));
            json.WriteNumber("attempts"u8, row[1]);
            json.WriteNumber("failures"u8, row[2]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? number)
    {
        if (number is { } known)
        {
            json.WriteNumber(name, known);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private void Write(Utf8JsonWriter json, KeyTrouble trouble)
    {
        json.WriteStartObject();
        json.WriteString("scope"u8, NameOf(trouble.Scope));
        json.WriteStartArray("kinds"u8);
        foreach (var kind in trouble.Kinds)
        {
            json.WriteStringValue(kind.Name());
        }

        json.WriteEndArray();
        json.WriteString("model"u8, trouble.Model is null ? null : mask.Clean(trouble.Model));
        json.WriteString("verdict"u8, Consequence.Of(trouble.Cause).Name);
        WriteUntil(json, trouble.Rest);
        json.WriteEndObject();
    }

    // The clock that rests are measured with has no date: rounded up, so that one moment is written the same each time.
    private void WriteUntil(Utf8JsonWriter json, TimeSpan? rest) =>
        Write(json, "until"u8, rest > TimeSpan.Zero ? time.GetUtcNow() + rest.Value + TimeSpan.FromMilliseconds(500) : null);
}
