using System.Text.Json;
using System.Text.Unicode;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Models;

namespace GeminiEdge.Fuzz.Targets;

/// <summary>One piece of an answer: what is counted, which model it names, and its text. Beside it reads System.Text.Json.</summary>
internal static class AnswerPieceTarget
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = AnswerPiece.MaxDepth };

    private static readonly ModelMemory Models = new(ModelPins.None, StillTime.Provider);

    public static void Run(byte[] input)
    {
        var piece = AnswerPiece.Read(input);
        using var document = Document(input);
        var isObject = document?.RootElement.ValueKind == JsonValueKind.Object;
        Promise.That(!piece.IsReadable || isObject, "What is readable is an object to everybody.");
        Promise.That(!piece.IsReadable || !Utf8.IsValid(input) || Counted(document!.RootElement) == (piece.PromptTokens, piece.OutputTokens), "What is counted is what everybody finds.");
        CheckModel(input, piece);
        _ = PieceBeginning.IsAnswer(input);
        _ = PieceBeginning.IsError(input);

        var answer = GeminiAnswer.Read(input);
        var large = GeminiAnswer.ReadLarge(input);
        Promise.That(isObject || answer is null, "What is no object is no answer.");
        if (Utf8.IsValid(input))
        {
            Promise.That(!piece.IsReadable || answer is not null, "A readable piece is an answer, whatever it says.");
            Compare(answer, large);
        }
    }

    /// <summary>The tokens of the prompt and of the answer with its thoughts, as the last of each says.</summary>
    private static (long?, long?) Counted(JsonElement root)
    {
        (long? prompt, long? output) all = default;
        foreach (var usage in root.EnumerateObject().Where(property => Name(property) is "usageMetadata" or "usage" && property.Value.ValueKind == JsonValueKind.Object))
        {
            (long? prompt, long? output) here = default;
            foreach (var count in usage.Value.EnumerateObject().Where(count => count.Value.ValueKind == JsonValueKind.Number && count.Value.TryGetInt64(out _)))
            {
                here = Name(count) switch
                {
                    "promptTokenCount" or "prompt_tokens" or "total_input_tokens" => (count.Value.GetInt64(), here.output),
                    "candidatesTokenCount" or "thoughtsTokenCount" or "completion_tokens" or "total_output_tokens" => (here.prompt, count.Value.GetInt64() + (here.output ?? 0)),
                    _ => here,
                };
            }

            all = (here.prompt ?? all.prompt, here.output ?? all.output);
        }

        return all;
    }

    private static string? Name(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: it is none that is asked for.
            return null;
        }
    }

    private static void CheckModel(byte[] input, AnswerPiece piece)
    {
        foreach (var isOpenAi in (bool[])[false, true])
        {
            var said = Models.Read("gemini-fuzz", isOpenAi, default, piece.Model, input);
            Promise.That(said.Version is null || said.Version.Text.All(letter => letter is >= '!' and <= '~'), "A version goes into a header.");
        }
    }

    private static void Compare(GeminiAnswer? answer, GeminiAnswer? large)
    {
        Promise.Same(answer is null, large is null, "A large answer is read where a small one is.");
        if (answer is null || large is null)
        {
            return;
        }

        var text = large.WrittenTexts.IsEmpty ? large.Text : Unescaped(large);
        Promise.Same(answer.Text, text, "A large answer says what a small one does.");
        Promise.Same(Told(answer), Told(large), "It tells what a small one does.");
        _ = answer.Then(large).IsLast;
    }

    private static (string?, string?, string?, string?, long?, long?, long?) Told(GeminiAnswer answer) => (
        answer.Model, answer.FinishReason, answer.FinishMessage, answer.BlockReason, answer.PromptTokens, answer.OutputTokens, answer.TotalTokens);

    private static string Unescaped(GeminiAnswer large)
    {
        byte[] json = [(byte)'"', .. large.WrittenTexts.SelectMany(text => text.ToArray()), (byte)'"'];
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetString()!;
    }

    private static JsonDocument? Document(byte[] json)
    {
        try
        {
            return JsonDocument.Parse(json, Deep);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
