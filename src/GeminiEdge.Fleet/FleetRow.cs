using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace GeminiEdge.Fleet;

/// <summary>
/// An instance's row in the fleet register, as it is written and as it is read. The names of its properties are a
/// public interface: docs/design.md lists them.
/// </summary>
internal sealed record FleetRow
{
    /// <summary>The table that holds the rows.</summary>
    public const string Table = "GeminiEdgeFleet";

    private const int ShortLength = 12;

    /// <summary>The row's partition.</summary>
    public required string App { get; init; }

    /// <summary>The row's key.</summary>
    public required string Instance { get; init; }

    /// <summary>For people: of an id of Azure's the last twelve characters, which tell the instances of a fleet apart.</summary>
    public string ShortName => Instance.Length > ShortLength ? $"…{Instance[^ShortLength..]}" : Instance;

    /// <summary>The edge's version.</summary>
    public string Version { get; init; } = "";

    public string Region { get; init; } = "";

    /// <summary>The <see cref="RingFingerprint"/> of the ring in use.</summary>
    public string Ring { get; init; } = "";

    /// <summary>The slot of the key that a request would begin with; "" when none is available.</summary>
    public string ActiveSlot { get; init; } = "";

    /// <summary>That key's key_id.</summary>
    public string ActiveKey { get; init; } = "";

    /// <summary>When the instance was last used.</summary>
    public DateTimeOffset LastSeen { get; init; }

    /// <summary>When the last complete reading of the keys began.</summary>
    public DateTimeOffset? RingRead { get; init; }

    /// <summary>Since when the ring is the one it is.</summary>
    public DateTimeOffset? RingSwapped { get; init; }

    /// <summary>The minutes of the last hour in which requests ended, in order.</summary>
    public ImmutableArray<RequestMinute> Requests { get; init; } = [];

    /// <summary>The ring's keys in its order, then those that left it lately.</summary>
    public ImmutableArray<FleetKey> Keys { get; init; } = [];

    /// <summary>The row's properties: texts and times. Each key has one of its own, so that none grows beyond what a property holds.</summary>
    public IReadOnlyDictionary<string, object> ToEntity()
    {
        var entity = new Dictionary<string, object>
        {
            ["PartitionKey"] = App,
            ["RowKey"] = Instance,
            ["Version"] = Version,
            ["Region"] = Region,
            ["Ring"] = Ring,
            ["ActiveSlot"] = ActiveSlot,
            ["ActiveKey"] = ActiveKey,
            ["LastSeen"] = LastSeen,
            ["Requests"] = RequestsJson(),
        };
        if (RingRead is { } read)
        {
            entity["RingRead"] = read;
        }

        if (RingSwapped is { } swapped)
        {
            entity["RingSwapped"] = swapped;
        }

        for (var i = 0; i < Keys.Length; i++)
        {
            entity[KeyName(i)] = Keys[i].ToJson();
        }

        return entity;
    }

    /// <summary>Reads a row; what is missing or not understood is left out.</summary>
    public static FleetRow FromEntity(IDictionary<string, object> entity) => new()
    {
        App = Text(entity, "PartitionKey") ?? "",
        Instance = Text(entity, "RowKey") ?? "",
        Version = Text(entity, "Version") ?? "",
        Region = Text(entity, "Region") ?? "",
        Ring = Text(entity, "Ring") ?? "",
        ActiveSlot = Text(entity, "ActiveSlot") ?? "",
        ActiveKey = Text(entity, "ActiveKey") ?? "",
        LastSeen = Time(entity, "LastSeen") ?? default,
        RingRead = Time(entity, "RingRead"),
        RingSwapped = Time(entity, "RingSwapped"),
        Requests = RequestsOf(Text(entity, "Requests") ?? "[]"),
        Keys = [.. Enumerable.Range(0, FleetCounts.MostKeys).Select(i => Text(entity, KeyName(i))).OfType<string>().Select(FleetKey.FromJson).OfType<FleetKey>()],
    };

    private static string KeyName(int index) => $"Key{index.ToString("00", CultureInfo.InvariantCulture)}";

    private static string? Text(IDictionary<string, object> entity, string name) => entity.TryGetValue(name, out var value) ? value as string : null;

    private static DateTimeOffset? Time(IDictionary<string, object> entity, string name) => entity.TryGetValue(name, out var value) ? value as DateTimeOffset? : null;

    private static ImmutableArray<RequestMinute> RequestsOf(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return [.. FleetMinutes.Read(document.RootElement, width: 3).Select(RequestMinute.Of)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return [];
        }
    }

    private string RequestsJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var minute in Requests)
            {
                FleetMinutes.Write(json, minute);
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
