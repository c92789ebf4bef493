using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>One page of a list.</summary>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? NextToken, GeminiError? Error)
{
    /// <summary>As proto3 writes it: empty members are left out.</summary>
    public JsonObject ToJson(string member, Func<T, JsonNode> describe)
    {
        var json = new JsonObject();
        if (Items.Count > 0)
        {
            json[member] = new JsonArray([.. Items.Select(describe)]);
        }

        if (NextToken is not null)
        {
            json["nextPageToken"] = NextToken;
        }

        return json;
    }
}
