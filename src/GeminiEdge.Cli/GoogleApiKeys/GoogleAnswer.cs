using System.Text.Json.Nodes;

namespace GeminiEdge.Cli.GoogleApiKeys;

/// <summary>What a call of the API came to: its JSON, or why there is none.</summary>
internal sealed record GoogleAnswer(JsonObject? Json, GoogleFault? Fault)
{
    public string? Text(string name) => Json?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
