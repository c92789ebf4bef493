using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>The deterministic answer to a conversation: a text that names its origin, or the call of the first declared function.</summary>
internal sealed record SandboxAnswer(string Text, string? FunctionName, JsonObject? Arguments, int PromptTokens)
{
    private const int EchoedCharacters = 80;

    public int OutputTokens => FunctionName is null ? TokenCount.OfText(Text) : TokenCount.OfText(FunctionName) + TokenCount.OfJson(Arguments) + 1;

    public static SandboxAnswer To(Conversation conversation)
    {
        if (conversation.FunctionToCall.Text("name") is { } function)
        {
            return new("", function, SampleArguments.Of(conversation.FunctionToCall), conversation.PromptTokens);
        }

        var echo = conversation.UserText.Length <= EchoedCharacters ? conversation.UserText : conversation.UserText[..Cut(conversation.UserText)];
        var text = $"Sandbox answer to: {(echo.Length > 0 ? echo : "(no text)")}"
            + (conversation.UserTurns > 1 ? $" (turn {conversation.UserTurns})" : "")
            + (conversation.FunctionAnswered is { } answered ? $" (with the result of {answered})" : "");
        return new(
            conversation.WantsJson ? new JsonObject { ["answer"] = text }.ToJsonString() : text, null, null, conversation.PromptTokens);
    }

    /// <summary>The text in pieces that concatenate to it, each of so many words.</summary>
    public IEnumerable<string> Chunks(int words)
    {
        var start = 0;
        var spaces = 0;
        for (var i = 0; i < Text.Length; i++)
        {
            if (Text[i] == ' ' && ++spaces == Math.Max(1, words))
            {
                yield return Text[start..i];
                (start, spaces) = (i, 0);
            }
        }

        yield return Text[start..];
    }

    // Half a surrogate pair can't be written as UTF-8.
    private static int Cut(string text) => char.IsHighSurrogate(text[EchoedCharacters - 1]) ? EchoedCharacters - 1 : EchoedCharacters;
}
