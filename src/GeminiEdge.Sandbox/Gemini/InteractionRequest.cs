using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>What the sandbox needs to know of an interaction that is to be made.</summary>
internal sealed class InteractionRequest(JsonObject json)
{
    public string? Model => json.Text("model");

    public string? Agent => json.Text("agent");

    public string? PreviousId => json.Text("previous_interaction_id");

    public bool IsStreamed => json.Flag("stream");

    /// <summary>Kept for later, unless the caller doesn't want it.</summary>
    public bool IsStored => json.Field("store") is not JsonValue value || !value.TryGetValue<bool>(out var store) || store;

    public JsonNode? Input => json["input"];

    /// <summary>What is missing or of another type.</summary>
    public GeminiError? Check() => json["input"] is null ? GeminiErrors.InvalidArgument("The request must have an 'input'.")
        : (Model, Agent) is (null, null) ? GeminiErrors.InvalidArgument("The request must have either a 'model' or an 'agent'.")
        : FieldCheck.Check(json, GeminiMessages.Interaction);

    /// <param name="turns">How many turns came before, by the interactions that this one goes on with.</param>
    public Conversation AsConversation(int turns)
    {
        // A text alone, a content, contents, or steps with contents of their own.
        var items = json.Items("input").ToArray();
        var texts = items.Where(item => item.Text("type") is null or "text" or "user_input").Select(TextOf).Where(text => text.Length > 0).ToArray();
        var answered = items.LastOrDefault(item => item.Text("type") == "function_result");
        var declared = json.Items("tools").FirstOrDefault(tool => tool.Text("type") == "function");
        return new(
            json["input"].AsText() ?? texts.LastOrDefault(""), turns + Math.Max(1, texts.Length),
            answered is null ? declared : null, answered is null ? null : answered.Text("name") ?? declared.Text("name") ?? "the tool",
            TokenCount.OfJson(json["input"]) + TokenCount.OfText(json.Text("system_instruction")),
            OutputShape.OfInteraction(json.Field("response_format"), json.Text("response_mime_type")));
    }

    private static string TextOf(JsonNode? item) => item.Text("text") ?? string.Concat(item.Items("content").Select(part => part.AsText() ?? part.Text("text")));
}
