using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Arguments that satisfy the schema of a declared function, the same every time.</summary>
internal static class SampleArguments
{
    private const int MaxDepth = 8;

    public static JsonObject Of(JsonNode? declaration) =>
        Value(declaration.Field("parameters") ?? declaration.Field("parametersJsonSchema"), 0) as JsonObject ?? [];

    private static JsonNode? Value(JsonNode? schema, int depth) => schema.Text("type")?.ToUpperInvariant() switch
    {
        "OBJECT" when depth < MaxDepth => Object(schema.Field("properties") as JsonObject, depth + 1),
        "OBJECT" => new JsonObject(),
        "ARRAY" => new JsonArray(),
        "INTEGER" or "NUMBER" => 1,
        "BOOLEAN" => true,
        "STRING" => schema.Items("enum").FirstOrDefault().AsText() ?? "sandbox",
        _ => null,
    };

    private static JsonObject Object(JsonObject? properties, int depth)
    {
        var json = new JsonObject();
        foreach (var (name, schema) in properties ?? [])
        {
            json[name] = Value(schema, depth);
        }

        return json;
    }
}
