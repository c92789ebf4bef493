using System.Text.Json;
using System.Text.Json.Nodes;

namespace GeminiEdge.Cli.GoogleApiKeys;

/// <summary>What a call of the API came to: its JSON, or why there is none.</summary>
internal sealed record GoogleAnswer(JsonObject? Json, GoogleFault? Fault)
{
    /// <summary>Something else than the API answered.</summary>
    public static GoogleAnswer NotGoogles { get; } = new(null, GoogleFault.Of(new JsonException()));

    public string? Text(string name) => GoogleJson.Text(Json?[name]);
}
