using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Answers as <c>GenerateContentResponse</c>, a candidate each, whole or in chunks that share one response id.</summary>
internal sealed class NativeResponse(SandboxModel model, IReadOnlyList<SandboxAnswer> answers, int cachedTokens)
{
    private readonly string _responseId = KeyGenerator.NewResponseId();

    public JsonObject Whole() => Frame(
        [.. answers.Select((answer, index) => Candidate(index, Part(answer, answer.Text), last: true))],
        answers.Sum(answer => answer.OutputTokens));

    public JsonObject WithoutCandidates() => Frame([], 0);

    /// <summary>One candidate a chunk, and each candidate in its turn.</summary>
    public IEnumerable<JsonObject> Chunks(int words)
    {
        var open = answers.Select((answer, index) => (Index: index, Parts: Parts(answer, words).GetEnumerator())).ToList();
        var tokens = new int[answers.Count];
        while (open.Count > 0)
        {
            foreach (var candidate in open.ToList())
            {
                candidate.Parts.MoveNext();
                var (part, sent, last) = candidate.Parts.Current;
                tokens[candidate.Index] = last ? answers[candidate.Index].OutputTokens : Math.Max(1, sent / 4);
                yield return Frame([Candidate(candidate.Index, part, last)], tokens.Sum());
                if (last)
                {
                    open.Remove(candidate);
                }
            }
        }
    }

    public static JsonArray TextTokens(int count) => new(new JsonObject { ["modality"] = "TEXT", ["tokenCount"] = count });

    private IEnumerable<(JsonObject Part, int Sent, bool Last)> Parts(SandboxAnswer answer, int words)
    {
        if (answer.FunctionName is not null)
        {
            yield return (Part(answer, ""), 0, true);
            yield break;
        }

        var sent = 0;
        foreach (var text in answer.Chunks(words))
        {
            sent += text.Length;
            yield return (Part(answer, text), sent, sent == answer.Text.Length);
        }
    }

    private static JsonObject Candidate(int index, JsonObject part, bool last)
    {
        var candidate = new JsonObject
        {
            ["content"] = new JsonObject { ["parts"] = new JsonArray(part), ["role"] = "model" },
        };
        if (last)
        {
            candidate["finishReason"] = "STOP";
        }

        candidate["index"] = index;
        return candidate;
    }

    private JsonObject Frame(JsonObject[] candidates, int outputTokens)
    {
        var prompt = answers[0].PromptTokens + cachedTokens;
        var usage = new JsonObject { ["promptTokenCount"] = prompt };
        if (candidates.Length > 0)
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
        if (candidates.Length > 0)
        {
            frame["candidates"] = new JsonArray([.. candidates]);
        }

        frame["usageMetadata"] = usage;
        frame["modelVersion"] = model.Version;
        frame["responseId"] = _responseId;
        return frame;
    }

    private JsonObject Part(SandboxAnswer answer, string text) => answer.FunctionName is not { } function
        ? new() { ["text"] = text }
        : new()
        {
            ["functionCall"] = new JsonObject { ["name"] = function, ["args"] = answer.Arguments!.DeepClone(), ["id"] = "call-" + _responseId[..8] },
            ["thoughtSignature"] = "c2FuZGJveA==",
        };
}
