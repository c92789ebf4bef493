using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Answers as <c>chat.completion</c>, a choice each, whole or in chunks that share one id.</summary>
internal sealed class OpenAiResponse(string model, IReadOnlyList<SandboxAnswer> answers, DateTimeOffset created)
{
    private readonly string _id = KeyGenerator.NewResponseId();

    public JsonObject Whole()
    {
        var whole = Frame("chat.completion", [.. answers.Select(Choice)]);
        whole["usage"] = Usage();
        return whole;
    }

    public JsonObject WithoutChoices()
    {
        var empty = Frame("chat.completion", []);
        empty["usage"] = Usage();
        return empty;
    }

    /// <summary>One choice a chunk, and each choice in its turn.</summary>
    public IEnumerable<JsonObject> Chunks(int words, bool includeUsage)
    {
        var open = answers.Select((answer, index) => (Index: index, Deltas: Deltas(answer, words).GetEnumerator())).ToList();
        while (open.Count > 0)
        {
            foreach (var choice in open.ToList())
            {
                choice.Deltas.MoveNext();
                var (delta, last) = choice.Deltas.Current;
                yield return Frame("chat.completion.chunk", new JsonObject
                {
                    ["delta"] = delta,
                    ["finish_reason"] = last ? FinishReason(answers[choice.Index]) : null,
                    ["index"] = choice.Index,
                });
                if (last)
                {
                    open.Remove(choice);
                }
            }
        }

        if (includeUsage)
        {
            var last = Frame("chat.completion.chunk");
            last["usage"] = Usage();
            yield return last;
        }
    }

    private JsonObject Choice(SandboxAnswer answer, int index)
    {
        var message = new JsonObject { ["role"] = "assistant" };
        message[answer.FunctionName is null ? "content" : "tool_calls"] = answer.FunctionName is null ? answer.Text : ToolCalls(answer);
        return new() { ["finish_reason"] = FinishReason(answer), ["index"] = index, ["message"] = message };
    }

    private IEnumerable<(JsonObject Delta, bool Last)> Deltas(SandboxAnswer answer, int words)
    {
        if (answer.FunctionName is not null)
        {
            yield return (new() { ["role"] = "assistant", ["tool_calls"] = ToolCalls(answer) }, true);
            yield break;
        }

        var sent = 0;
        foreach (var text in answer.Chunks(words))
        {
            sent += text.Length;
            yield return (new() { ["role"] = "assistant", ["content"] = text }, sent == answer.Text.Length);
        }
    }

    private JsonObject Frame(string kind, params JsonObject[] choices) => new()
    {
        ["id"] = _id,
        ["object"] = kind,
        ["created"] = created.ToUnixTimeSeconds(),
        ["model"] = model,
        ["choices"] = new JsonArray([.. choices]),
    };

    private static string FinishReason(SandboxAnswer answer) => answer.FunctionName is null ? "stop" : "tool_calls";

    private JsonArray ToolCalls(SandboxAnswer answer) => new(new JsonObject
    {
        ["index"] = 0,
        ["id"] = "call-" + _id[..8],
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = answer.FunctionName, ["arguments"] = answer.Arguments!.ToJsonString() },
    });

    private JsonObject Usage()
    {
        var (prompt, output) = (answers[0].PromptTokens, answers.Sum(answer => answer.OutputTokens));
        return new() { ["prompt_tokens"] = prompt, ["completion_tokens"] = output, ["total_tokens"] = prompt + output };
    }
}
