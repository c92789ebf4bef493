using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Reading JSON of any shape without exceptions, and writing it as Google does.</summary>
internal static class Json
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Pretty = Compact with { Indented = true };

    /// <summary>A member by its camel-case name, which Google also reads in snake case; null when there is none.</summary>
    public static JsonNode? Field(this JsonNode? node, string name) =>
        node is not JsonObject json ? null : json[name] ?? json[JsonNamingPolicy.SnakeCaseLower.ConvertName(name)];

    public static string? Text(this JsonNode? node, string name) => node.Field(name).AsText();

    public static string? AsText(this JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static bool Flag(this JsonNode? node, string name) => node.Field(name) is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    public static int? Number(this JsonNode? node, string name) => node.Field(name) is JsonValue value && value.TryGetValue<int>(out var number) ? number : null;

    /// <summary>A whole number, which Google also writes in quotes.</summary>
    public static long? Whole(this JsonNode? node, string name) => node.Decimal(name) is { } number && decimal.IsInteger(number) && number is >= long.MinValue and <= long.MaxValue ? (long)number : null;

    public static decimal? Decimal(this JsonNode? node, string name) =>
        node.Field(name) is JsonValue value && decimal.TryParse(value.AsText() ?? value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The elements of an array, or the node itself where one stands for many.</summary>
    public static IEnumerable<JsonNode?> Items(this JsonNode? node, string name) => node.Field(name) switch
    {
        null => [],
        JsonArray array => array,

        // Not a JsonArray of it: the node has a parent already.
        var single => new JsonNode?[] { single },
    };

    /// <summary>As a model writes JSON into its answer.</summary>
    public static string Indented(JsonNode? node)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output, Pretty))
        {
            if (node is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                node.WriteTo(writer);
            }
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    public static void Write(IBufferWriter<byte> output, JsonNode node, bool pretty)
    {
        using var writer = new Utf8JsonWriter(output, pretty ? Pretty : Compact);
        node.WriteTo(writer);
    }
}
