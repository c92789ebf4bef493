using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Fleet;

namespace GeminiEdge.Cli.Leak;

/// <summary>What a leak's result says beside that of a rotation.</summary>
/// <param name="KeyId">The leaked key.</param>
/// <param name="Containment">Whether, when, and by what it is known.</param>
/// <param name="Stages">The sixty minutes.</param>
/// <param name="LastVerdict">What Google answered to the leaked key's last probe; null when it was not asked.</param>
/// <param name="Use">Every key's use in the last 24 hours; null when no register told.</param>
internal sealed record LeakFacts(string KeyId, Containment Containment, ImmutableArray<LeakStage> Stages, Verdict? LastVerdict, ImmutableArray<DailyUse>? Use)
{
    /// <summary>For the record; null when no register told.</summary>
    public string? LastUseText => Use is null ? null : Containment.LastUse is { } last ? Containment.Text(last) : $"none that the register knows of …{KeyId}";

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("leaked_key_id", KeyId);
        json.WriteString("containment", Containment.Kind);
        if (Containment.Took is { } took)
        {
            json.WriteNumber("contained_s", Math.Round(took.TotalSeconds, 1));
        }

        json.WriteText("last_use", Time(Containment.LastUse));
        json.WriteText("leaked_key_verdict", LastVerdict is { } verdict ? Consequence.Of(verdict).Name : null);
        json.WriteStartArray("stages");
        foreach (var stage in Stages)
        {
            json.WriteStartObject();
            json.WriteString("stage", stage.Name);
            json.WriteNumber("due_minute", stage.Minute);
            json.WriteNumber("ended_s", Math.Round(stage.Ended.TotalSeconds, 1));
            json.WriteString("result", stage.Result);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteUse(json);
    }

    private void WriteUse(Utf8JsonWriter json)
    {
        if (Use is not { } keys)
        {
            return;
        }

        json.WriteStartArray("use_by_key");
        foreach (var key in keys)
        {
            json.WriteStartObject();
            json.WriteString("key_id", key.KeyId);
            json.WriteNumber("attempts", key.Attempts);
            json.WriteNumber("highest_hour", key.Highest?.Attempts ?? 0);
            json.WriteNumber("median_hour", key.Median);
            json.WriteBoolean("spike", key.IsSpike);
            json.WriteText("last_attempt", Time(key.LastAttempt));
            json.WriteStartObject("hours");
            foreach (var hour in key.Hours)
            {
                json.WriteNumber(DateTimeOffset.FromUnixTimeSeconds(hour.Hour * 3600).ToString("yyyy-MM-dd'T'HH'Z'", CultureInfo.InvariantCulture), hour.Attempts);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string? Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
