using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Fleet;

/// <summary>A slot and key_id in an instance's row: how the key is, and what became of its attempts. Never its value.</summary>
/// <param name="Slot">PRIMARY, SECONDARY, 3…9, OLD.</param>
/// <param name="KeyId">The key's last four characters.</param>
/// <param name="Version">The secret's version; settings have none.</param>
/// <param name="IsInRing">False when it was in the ring and has left it.</param>
/// <param name="State">The key's health as a whole: <c>healthy</c>, <c>unknown</c>, <c>cooling_down</c> or <c>rejected</c>.</param>
/// <param name="IsLeaked">Google reported it as leaked.</param>
/// <param name="LastAttempt">When the last attempt with it began; null when there was none.</param>
/// <param name="Minutes">The minutes of the last hour in which attempts ended, in order.</param>
internal sealed record FleetKey(
    string Slot, string KeyId, string? Version, bool IsInRing, string State, bool IsLeaked, DateTimeOffset? LastAttempt, ImmutableArray<AttemptMinute> Minutes)
{
    /// <summary>What Google said that the state comes from; null while nothing stands against the key as a whole.</summary>
    public string? Verdict { get; init; }

    /// <summary>The hours of the last day in which attempts ended, in order.</summary>
    public ImmutableArray<AttemptHour> Hours { get; init; } = [];

    public static FleetKey Of(RingKey key, KeyUse? use, bool isInRing, long now) => new(
        key.Slot.Name(),
        key.Id,
        key.Version,
        isInRing,
        key.Health.State.Name(),
        key.Health.IsLeaked,
        use is null || use.LastAttempt == default ? null : use.LastAttempt,
        use is null ? [] : [.. use.Minutes.Read(now).Select(AttemptMinute.Of)])
    {
        Verdict = key.Health.Trouble is { } trouble ? Consequence.Of(trouble.Cause).Name : null,
        Hours = use is null ? [] : use.Hours(now),
    };

    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("slot"u8, Slot);
            json.WriteString("key_id"u8, KeyId);
            if (Version is not null)
            {
                json.WriteString("version"u8, Version);
            }

            json.WriteBoolean("in_ring"u8, IsInRing);
            json.WriteString("state"u8, State);
            if (Verdict is not null)
            {
                json.WriteString("verdict"u8, Verdict);
            }

            json.WriteBoolean("leaked"u8, IsLeaked);
            if (LastAttempt is { } last)
            {
                json.WriteString("last_attempt"u8, last.UtcDateTime);
            }

            json.WriteStartArray("minutes"u8);
            foreach (var minute in Minutes)
            {
                FleetMinutes.Write(json, minute);
            }

            json.WriteEndArray();
            json.WriteStartArray("hours"u8);
            foreach (var hour in Hours)
            {
                FleetMinutes.Write(json, hour);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <returns>Null when it isn't what <see cref="ToJson"/> writes.</returns>
    public static FleetKey? FromJson(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var json = document.RootElement;
            ImmutableArray<AttemptMinute> minutes = [.. FleetMinutes.Read(json.GetProperty("minutes"), width: 7).Select(AttemptMinute.Of)];
            return new FleetKey(
                json.GetProperty("slot").GetString()!,
                json.GetProperty("key_id").GetString()!,
                json.TryGetProperty("version", out var version) ? version.GetString() : null,
                json.GetProperty("in_ring").GetBoolean(),
                json.GetProperty("state").GetString()!,
                json.GetProperty("leaked").GetBoolean(),
                json.TryGetProperty("last_attempt", out var last) ? last.GetDateTimeOffset() : null,
                minutes)
            {
                Verdict = json.TryGetProperty("verdict", out var verdict) ? verdict.GetString() : null,

                // An edge of an earlier version counts no hours: of its minutes the last one or two are known.
                Hours = json.TryGetProperty("hours", out var hours) ? [.. FleetMinutes.Read(hours, width: 2).Select(AttemptHour.Of)] : AttemptHour.Of(minutes),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
