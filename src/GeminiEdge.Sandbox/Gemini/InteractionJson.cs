using System.Globalization;
using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>An interaction as Google shows it: whole, or as the events of its stream.</summary>
internal static class InteractionJson
{
    public static JsonObject Whole(string id, string model, string? previousId, SandboxAnswer answer, DateTimeOffset now)
    {
        var json = Brief(id, model, answer.FunctionName is null ? "completed" : "requires_action");
        json["created"] = Time(now);
        json["updated"] = Time(now);
        json["role"] = "model";
        json["steps"] = new JsonArray(Step(answer, id));
        json["usage"] = Usage(answer);
        if (previousId is not null)
        {
            json["previous_interaction_id"] = previousId;
        }

        return json;
    }

    /// <summary>Each with its number, after which a stream can be resumed.</summary>
    public static IEnumerable<JsonObject> Events(JsonObject whole, int words)
    {
        var number = 0;
        foreach (var each in Unnumbered(whole, words))
        {
            each["event_id"] = (++number).ToString(CultureInfo.InvariantCulture);
            yield return each;
        }
    }

    /// <summary>The error event of a stream.</summary>
    public static JsonObject Error(GeminiError error) => Event("error", ("error", InteractionErrors.Describe(error)));

    private static IEnumerable<JsonObject> Unnumbered(JsonObject whole, int words)
    {
        var (id, model, status) = (whole.Text("id")!, whole.Text("model")!, whole.Text("status")!);
        var step = whole["steps"]![0]!.AsObject();
        var isCall = step.Text("type") == "function_call";
        yield return Event("interaction.created", ("interaction", Brief(id, model, "in_progress")));
        yield return Event("interaction.status_update", ("interaction_id", id), ("status", "in_progress"));
        yield return Event("step.start", ("index", 0), ("step", isCall
            ? new JsonObject { ["type"] = "function_call", ["id"] = step.Text("id"), ["name"] = step.Text("name"), ["arguments"] = new JsonObject() }
            : new JsonObject { ["type"] = "model_output" }));
        foreach (var delta in isCall ? [Arguments(step)] : Texts(step, words))
        {
            yield return Event("step.delta", ("index", 0), ("delta", delta));
        }

        yield return Event("step.stop", ("index", 0));
        var end = Brief(id, model, status);
        foreach (var name in new[] { "created", "updated", "usage" })
        {
            end[name] = whole[name]?.DeepClone();
        }

        yield return Event("interaction.completed", ("interaction", end));
    }

    private static JsonObject Step(SandboxAnswer answer, string id) => answer.FunctionName is { } function
        ? new() { ["type"] = "function_call", ["id"] = $"call-{id[3..11]}", ["name"] = function, ["arguments"] = answer.Arguments!.DeepClone() }
        : new() { ["type"] = "model_output", ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = answer.Text }) };

    private static JsonObject Arguments(JsonObject step) => new() { ["type"] = "arguments_delta", ["arguments"] = step["arguments"]!.ToJsonString() };

    private static IEnumerable<JsonObject> Texts(JsonObject step, int words) =>
        SandboxAnswer.Pieces(step["content"]![0].Text("text")!, words).Select(text => new JsonObject { ["type"] = "text", ["text"] = text });

    private static JsonObject Brief(string id, string model, string status) => new() { ["id"] = id, ["object"] = "interaction", ["model"] = model, ["status"] = status };

    private static JsonObject Event(string type, params (string Name, JsonNode? Value)[] members)
    {
        var json = new JsonObject();
        foreach (var (name, value) in members)
        {
            json[name] = value;
        }

        json["event_type"] = type;
        return json;
    }

    private static JsonObject Usage(SandboxAnswer answer) => new()
    {
        ["total_tokens"] = answer.PromptTokens + answer.OutputTokens,
        ["total_input_tokens"] = answer.PromptTokens,
        ["input_tokens_by_modality"] = new JsonArray(new JsonObject { ["modality"] = "text", ["tokens"] = answer.PromptTokens }),
        ["total_output_tokens"] = answer.OutputTokens,
        ["total_thought_tokens"] = 0,
        ["total_tool_use_tokens"] = 0,
        ["total_cached_tokens"] = 0,
    };

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
