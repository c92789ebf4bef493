using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>A google.rpc error before it is put in the envelope of its route.</summary>
internal sealed record GeminiError(int Code, string Status, string Message, params JsonObject[] Details)
{
    /// <summary>Set when the front end answers with a page instead.</summary>
    public string? Html { get; init; }

    public JsonObject ToJson()
    {
        var error = new JsonObject { ["code"] = Code, ["message"] = Message, ["status"] = Status };
        if (Details.Length > 0)
        {
            error["details"] = new JsonArray([.. Details.Select(detail => detail.DeepClone())]);
        }

        return new JsonObject { ["error"] = error };
    }
}
