using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.GoogleApiKeys;

/// <summary>A long-running operation, which is done when its time has come.</summary>
/// <param name="Name"><c>operations/ID</c>.</param>
/// <param name="Key">What it answers with; null when it fails.</param>
internal sealed record LongOperation(string Name, DateTimeOffset DoneOn, GoogleApiKey? Key)
{
    public JsonObject ToJson(DateTimeOffset now)
    {
        var json = new JsonObject { ["name"] = Name };
        if (DoneOn > now)
        {
            return json;
        }

        json["done"] = true;
        if (Key is null)
        {
            json["error"] = new JsonObject { ["code"] = 13, ["message"] = "An internal exception occurred." };
            return json;
        }

        var response = Key.ToJson();
        response.Insert(0, "@type", "type.googleapis.com/google.api.apikeys.v2.Key");
        json["response"] = response;
        return json;
    }
}
