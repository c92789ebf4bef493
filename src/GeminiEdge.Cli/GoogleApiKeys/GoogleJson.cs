using System.Text.Json;
using System.Text.Json.Nodes;

namespace GeminiEdge.Cli.GoogleApiKeys;

/// <summary>Reads what came in the place of Google's JSON: a front end may answer with a page.</summary>
internal static class GoogleJson
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <returns>Null for what is no object, or has something in it that could not be read later on.</returns>
    public static JsonObject? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonNode.Parse(json, documentOptions: Strict) is JsonObject read && IsReadable(read) ? read : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: no UTF-8, or half a surrogate pair.
            return null;
        }
    }

    /// <returns>Null for what is no text.</returns>
    public static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    // Nodes read their names and texts only when they are asked for them.
    private static bool IsReadable(JsonNode? node) => node switch
    {
        JsonObject properties => properties.All(property => IsReadable(property.Value)),
        JsonArray items => items.All(IsReadable),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>() is not null,
        _ => true,
    };
}
