using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>What an answer's text is to be.</summary>
/// <param name="IsJson">JSON, and not words.</param>
/// <param name="Schema">What it has to fit.</param>
/// <param name="IsBare">One of the schema's values as it is, without quotes.</param>
internal sealed record OutputShape(bool IsJson, JsonNode? Schema = null, bool IsBare = false)
{
    public static readonly OutputShape Words = new(IsJson: false);

    public static OutputShape OfNative(JsonNode? config)
    {
        // The newer form of the same.
        var format = config.Field("responseFormat") is JsonArray formats ? formats.Select(each => each.Field("text")).FirstOrDefault(text => text is not null) : config.Field("responseFormat").Field("text");
        var schema = config.Field("responseJsonSchema") ?? config.Field("responseSchema") ?? format.Field("schema");
        return (config.Text("responseMimeType") ?? format.Text("mimeType")) switch
        {
            "application/json" or "APPLICATION_JSON" => new(IsJson: true, schema),
            "text/x.enum" => new(IsJson: true, schema, IsBare: true),
            _ => Words,
        };
    }

    public static OutputShape OfOpenAi(JsonNode? format) => format.Text("type") switch
    {
        "json_object" => new(IsJson: true),
        "json_schema" => new(IsJson: true, format.Field("jsonSchema").Field("schema") ?? format.Field("schema")),
        _ => Words,
    };

    /// <summary>Interactions name the text's format among those of other media, or give a schema alone.</summary>
    public static OutputShape OfInteraction(JsonNode? format, string? mimeType)
    {
        var text = format is JsonArray formats ? formats.FirstOrDefault(each => each.Text("type") == "text") : format;
        return text is null ? new(mimeType == "application/json")
            : text.Text("type") == "text" ? new(text.Text("mime_type") == "application/json" || text.Field("schema") is not null, text.Field("schema"))
            : new(IsJson: true, text);
    }

    /// <summary>The text of an answer that would be these words.</summary>
    public string Of(string words) => this switch
    {
        { IsJson: false } => words,
        { Schema: null } => new JsonObject { ["answer"] = words }.ToJsonString(),
        { IsBare: true } when SchemaSample.Of(Schema).AsText() is { } value => value,
        _ => Json.Indented(SchemaSample.Of(Schema)),
    };
}
