using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>An answer as <c>chat.completion</c>, whole or in chunks that share one id.</summary>
internal sealed class OpenAiResponse(string model, SandboxAnswer answer, DateTimeOffset created)
{
    private readonly string _id = KeyGenerator.NewResponseId();

    public JsonObject Whole()
    {
        var message = new JsonObject { ["role"] = "assistant" };
        message[answer.FunctionName is null ? "content" : "tool_calls"] = answer.FunctionName is null ? answer.Text : ToolCalls();
        var whole = Frame("chat.completion", new JsonObject { ["finish_reason"] = FinishReason(), ["index"] = 0, ["message"] = message });
        whole["usage"] = Usage();
        return whole;
    }

    public JsonObject WithoutChoices()
    {
        var empty = Frame("chat.completion", null);
        empty["usage"] = Usage();
        return empty;
    }

    public IEnumerable<JsonObject> Chunks(int words, bool includeUsage)
    {
        if (answer.FunctionName is not null)
        {
            yield return Chunk(new() { ["role"] = "assistant", ["tool_calls"] = ToolCalls() }, last: true);
        }
        else
        {
            var sent = 0;
            foreach (var text in answer.Chunks(words))
            {
                sent += text.Length;
                yield return Chunk(new() { ["role"] = "assistant", ["content"] = text }, last: sent == answer.Text.Length);
            }
        }

        if (includeUsage)
        {
            var last = Frame("chat.completion.chunk", null);
            last["usage"] = Usage();
            yield return last;
        }
    }

    private JsonObject Chunk(JsonObject delta, bool last) =>
        Frame("chat.completion.chunk", new JsonObject { ["delta"] = delta, ["finish_reason"] = last ? FinishReason() : null, ["index"] = 0 });

    private JsonObject Frame(string kind, JsonObject? choice) => new()
    {
        ["id"] = _id,
        ["object"] = kind,
        ["created"] = created.ToUnixTimeSeconds(),
        ["model"] = model,
        ["choices"] = choice is null ? new JsonArray() : new JsonArray(choice),
    };

    private string FinishReason() => answer.FunctionName is null ? "stop" : "tool_calls";

    private JsonArray ToolCalls() => new(new JsonObject
    {
        ["index"] = 0,
        ["id"] = "call-" + _id[..8],
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = answer.FunctionName, ["arguments"] = answer.Arguments!.ToJsonString() },
    });

    private JsonObject Usage() => new()
    {
        ["prompt_tokens"] = answer.PromptTokens,
        ["completion_tokens"] = answer.OutputTokens,
        ["total_tokens"] = answer.PromptTokens + answer.OutputTokens,
    };
}
