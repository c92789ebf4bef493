using System.Text.Json;
using GeminiEdge.Fleet;

namespace GeminiEdge.Status;

/// <summary>The fleet and the rotation under way, as the status tells them.</summary>
internal static class FleetJson
{
    /// <param name="register">Null where there is no register.</param>
    public static void Write(Utf8JsonWriter json, FleetRead? register, DateTimeOffset now)
    {
        if (register is null)
        {
            json.WriteNull("fleet"u8);
            return;
        }

        var active = register.Rows.Where(row => IsActive(row, now)).ToList();
        json.WriteStartObject("fleet"u8);
        json.WriteString("trouble"u8, register.Trouble?.Sentence);
        json.WriteBoolean("same_ring"u8, active.Select(row => row.Ring).Distinct().Count() <= 1);
        json.WriteStartArray("instances"u8);
        foreach (var row in register.Rows)
        {
            Write(json, row, now);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <param name="rotation">Null where none is under way, or nobody can tell.</param>
    public static void Write(Utf8JsonWriter json, RotationUnderWay? rotation)
    {
        if (rotation is null)
        {
            json.WriteNull("rotation"u8);
            return;
        }

        json.WriteStartObject("rotation"u8);
        json.WriteString("command"u8, rotation.Command);
        json.WriteString("operator"u8, rotation.Operator);
        json.WriteString("slot"u8, rotation.Slot);
        StatusJson.Write(json, "began"u8, rotation.Began);
        StatusJson.Write(json, "until"u8, rotation.Until);
        json.WriteEndObject();
    }

    private static bool IsActive(FleetRow row, DateTimeOffset now) => now - row.LastSeen <= FleetView.Window;

    private static void Write(Utf8JsonWriter json, FleetRow row, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteString("instance"u8, row.Instance);
        json.WriteString("region"u8, row.Region);
        json.WriteString("version"u8, row.Version);
        json.WriteBoolean("active"u8, IsActive(row, now));
        json.WriteString("ring"u8, row.Ring);
        json.WriteString("active_slot"u8, row.ActiveSlot);
        json.WriteString("active_key"u8, row.ActiveKey);
        StatusJson.Write(json, "last_seen"u8, row.LastSeen);
        StatusJson.Write(json, "ring_swapped"u8, row.RingSwapped);
        json.WriteNumber("requests"u8, row.Requests.Sum(minute => minute.Answered + minute.Failed));
        json.WriteNumber("failures"u8, row.Requests.Sum(minute => minute.Failed));
        json.WriteStartArray("keys"u8);
        foreach (var key in row.Keys.Where(key => key.IsInRing))
        {
            json.WriteStartObject();
            json.WriteString("slot"u8, key.Slot);
            json.WriteString("key_id"u8, key.KeyId);
            json.WriteString("state"u8, key.State);
            json.WriteString("verdict"u8, key.Verdict);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
