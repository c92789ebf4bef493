using System.Collections.Immutable;
using System.Text.Json;
using GeminiEdge.Cli.Reports;

namespace GeminiEdge.Cli.Leak;

/// <summary>What a leak's result says beside that of a rotation.</summary>
/// <param name="KeyId">The leaked key.</param>
/// <param name="Contained">From the command's beginning until every edge had the time to read the ring without the key.</param>
/// <param name="Stages">The sixty minutes.</param>
/// <param name="LastVerdict">What Google answered to the leaked key's last probe; null when it was not asked.</param>
internal sealed record LeakFacts(string KeyId, TimeSpan Contained, ImmutableArray<LeakStage> Stages, string? LastVerdict)
{
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("leaked_key_id", KeyId);
        json.WriteNumber("contained_s", Math.Round(Contained.TotalSeconds, 1));
        json.WriteText("leaked_key_verdict", LastVerdict);
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
    }
}
