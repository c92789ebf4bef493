using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>The deterministic answer to a conversation: a text that names its origin, or the call of the first declared function.</summary>
internal sealed record SandboxAnswer(string Text, string? FunctionName, JsonObject? Arguments, int PromptTokens)
{
    private const int EchoedCharacters = 80;

    public int OutputTokens => FunctionName is null ? TokenCount.OfText(Text) : TokenCount.OfText(FunctionName) + TokenCount.OfJson(Arguments) + 1;

    /// <param name="candidate">Which of several answers to the same; each says so but the first.</param>
    public static SandboxAnswer To(Conversation conversation, int candidate = 0)
    {
        if (conversation.FunctionToCall.Text("name") is { } function)
        {
            return new("", function, ArgumentsOf(conversation.FunctionToCall), conversation.PromptTokens);
        }

        var echo = conversation.UserText.Length <= EchoedCharacters ? conversation.UserText : conversation.UserText[..Cut(conversation.UserText)];
        var text = $"Sandbox answer to: {(echo.Length > 0 ? echo : "(no text)")}"
            + (conversation.UserTurns > 1 ? $" (turn {conversation.UserTurns})" : "")
            + (conversation.FunctionAnswered is { } answered ? $" (with the result of {answered})" : "")
            + (candidate > 0 ? $" (candidate {candidate + 1})" : "");
        return new(conversation.Shape.Of(text), null, null, conversation.PromptTokens);
    }

    /// <summary>So many answers to the same conversation.</summary>
    public static IReadOnlyList<SandboxAnswer> Several(Conversation conversation, int? count) => [.. Enumerable.Range(0, Math.Max(1, count ?? 1)).Select(candidate => To(conversation, candidate))];

    private static JsonObject ArgumentsOf(JsonNode? declaration) =>
        SchemaSample.Of(declaration.Field("parameters") ?? declaration.Field("parametersJsonSchema")) as JsonObject ?? [];

    /// <summary>The text in pieces that concatenate to it, each of so many words.</summary>
    public IEnumerable<string> Chunks(int words) => Pieces(Text, words);

    public static IEnumerable<string> Pieces(string text, int words)
    {
        var start = 0;
        var spaces = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == ' ' && ++spaces == Math.Max(1, words))
            {
                yield return text[start..i];
                (start, spaces) = (i, 0);
            }
        }

        yield return text[start..];
    }

    // Half a surrogate pair can't be written as UTF-8.
    private static int Cut(string text) => char.IsHighSurrogate(text[EchoedCharacters - 1]) ? EchoedCharacters - 1 : EchoedCharacters;
}
