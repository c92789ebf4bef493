using System.Text.Json;
using GeminiEdge.Configuration;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Models;
using GeminiEdge.Fleet;

namespace GeminiEdge.Status;

/// <summary>All that this instance knows, as <c>GET /api/admin/status</c> tells it. Never a key.</summary>
internal sealed class StatusSnapshot(
    EdgeConfiguration configuration, StatusBoard board, StatusJson objects, KeyRingProvider ring, KeyRefresher refresher, ModelMemory models, FleetLook fleet,
    TimeProvider time, SandboxControl? sandbox = null)
{
    /// <summary>The fields of the snapshot's object.</summary>
    public async Task<Action<Utf8JsonWriter>> ReadAsync(CancellationToken cancellationToken)
    {
        refresher.Touch();
        var (register, rotation) = await fleet.ReadAsync(cancellationToken);
        return json =>
        {
            var reading = board.Read();
            var (keys, readAt, swappedAt) = ring.InUse;
            json.WriteString("instance"u8, configuration.Instance);
            json.WriteString("edge_version"u8, EdgeVersion.Text);
            json.WriteString("now"u8, time.GetUtcNow().UtcDateTime);
            json.WriteString("started"u8, board.Started.UtcDateTime);
            json.WriteBoolean("sandbox"u8, sandbox is not null);
            StatusJson.Write(json, "ring_read"u8, readAt);
            StatusJson.Write(json, "ring_swapped"u8, swappedAt);
            WriteArray(json, "keys"u8, keys.Keys, key => objects.Write(json, key, reading.Of(key), withMinutes: true));
            WriteArray(json, "minutes"u8, reading.Minutes, minute => StatusJson.Write(json, minute));
            WriteArray(json, "events"u8, reading.Events, seen => objects.Write(json, seen));
            WriteArray(json, "attempts"u8, reading.Attempts, seen => objects.Write(json, seen));
            WriteArray(json, "models"u8, models.Look(), model => objects.Write(json, model));
            FleetJson.Write(json, register, time.GetUtcNow());
            FleetJson.Write(json, rotation);
        };
    }

    private static void WriteArray<T>(Utf8JsonWriter json, ReadOnlySpan<byte> name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            write(item);
        }

        json.WriteEndArray();
    }
}
