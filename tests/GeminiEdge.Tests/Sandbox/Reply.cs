using System.Text.Json.Nodes;

namespace GeminiEdge.Tests.Sandbox;

/// <summary>An answer, read to its end; header names in small letters.</summary>
internal sealed record Reply(int Status, string? ContentType, string Text, IReadOnlyDictionary<string, string> Headers)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public JsonNode Error => (Json is JsonArray array ? array.Single()! : Json)["error"]!;

    public string Message => Error["message"]!.GetValue<string>();

    public string? Reason => Error["details"]?[0]?["reason"]?.GetValue<string>();
}
