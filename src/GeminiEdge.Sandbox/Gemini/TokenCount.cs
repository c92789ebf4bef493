using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Token counts that are stable and plausible: four characters a token, 258 for an image or a file.</summary>
internal static class TokenCount
{
    private const int Media = 258;

    public static int OfText(string? text) => text is null ? 0 : (text.Length + 3) / 4;

    public static int OfJson(JsonNode? node) => node switch
    {
        JsonObject json when json.ContainsKey("inlineData") || json.ContainsKey("fileData") => Media,
        JsonObject json => json.Sum(member => member.Key is "role" or "mimeType" or "type" ? 0 : OfJson(member.Value)),
        JsonArray array => array.Sum(OfJson),
        _ => OfText(node.AsText()),
    };
}
