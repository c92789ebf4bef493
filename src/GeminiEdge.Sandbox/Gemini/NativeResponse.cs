using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>An answer as <c>GenerateContentResponse</c>, whole or in chunks that share one response id.</summary>
internal sealed class NativeResponse(SandboxModel model, SandboxAnswer answer, int cachedTokens)
{
    private readonly string _responseId = KeyGenerator.NewResponseId();

    public JsonObject Whole() => Response(Part(answer.Text), answer.OutputTokens, last: true);

    public JsonObject WithoutCandidates() => Frame(null, 0);

    public IEnumerable<JsonObject> Chunks(int words)
    {
        if (answer.FunctionName is not null)
        {
            yield return Whole();
            yield break;
        }

        var sent = 0;
        foreach (var text in answer.Chunks(words))
        {
            sent += text.Length;
            yield return Response(Part(text), Math.Max(1, sent / 4), last: sent == answer.Text.Length);
        }
    }

    public static JsonArray TextTokens(int count) => new(new JsonObject { ["modality"] = "TEXT", ["tokenCount"] = count });

    private JsonObject Response(JsonObject part, int outputTokens, bool last)
    {
        var candidate = new JsonObject
        {
            ["content"] = new JsonObject { ["parts"] = new JsonArray(part), ["role"] = "model" },
        };
        if (last)
        {
            candidate["finishReason"] = "STOP";
        }

        candidate["index"] = 0;
        return Frame(candidate, last ? answer.OutputTokens : outputTokens);
    }

    private JsonObject Frame(JsonObject? candidate, int outputTokens)
    {
        var prompt = answer.PromptTokens + cachedTokens;
        var usage = new JsonObject { ["promptTokenCount"] = prompt };
        if (candidate is not null)
        {
            usage["candidatesTokenCount"] = outputTokens;
        }

        usage["totalTokenCount"] = prompt + outputTokens;
        if (cachedTokens > 0)
        {
            usage["cachedContentTokenCount"] = cachedTokens;
        }

        usage["promptTokensDetails"] = TextTokens(prompt);
        var frame = new JsonObject();
        if (candidate is not null)
        {
            frame["candidates"] = new JsonArray(candidate);
        }

        frame["usageMetadata"] = usage;
        frame["modelVersion"] = model.Version;
        frame["responseId"] = _responseId;
        return frame;
    }

    private JsonObject Part(string text) => answer.FunctionName is not { } function
        ? new() { ["text"] = text }
        : new()
        {
            ["functionCall"] = new JsonObject { ["name"] = function, ["args"] = answer.Arguments!.DeepClone(), ["id"] = "call-" + _responseId[..8] },
            ["thoughtSignature"] = "c2FuZGJveA==",
        };
}
