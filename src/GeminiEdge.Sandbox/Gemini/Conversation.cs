using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>What the sandbox needs to know of a request to answer it, whichever API it came through.</summary>
internal sealed record Conversation(string UserText, int UserTurns, JsonNode? FunctionToCall, string? FunctionAnswered, int PromptTokens, OutputShape Shape)
{
    public static Conversation OfNative(JsonObject request)
    {
        var contents = request.Items("contents").ToArray();
        var users = contents.Where(content => content.Text("role") is null or "user").Select(TextOf).Where(text => text.Length > 0).ToArray();
        var answered = contents.SelectMany(content => content.Items("parts"))
            .Select(part => part.Field("functionResponse")).LastOrDefault(response => response is not null).Text("name");
        var declared = request.Items("tools").SelectMany(tool => tool.Items("functionDeclarations")).FirstOrDefault();
        var forbidden = request.Field("toolConfig").Field("functionCallingConfig").Text("mode") is "NONE";
        return new(
            users.LastOrDefault(""), users.Length, answered is null && !forbidden ? declared : null, answered,
            TokenCount.OfJson(request.Field("contents")) + TokenCount.OfJson(request.Field("systemInstruction")),
            OutputShape.OfNative(request.Field("generationConfig")));
    }

    public static Conversation OfOpenAi(JsonObject request)
    {
        var messages = request.Items("messages").ToArray();
        var users = messages.Where(message => message.Text("role") == "user").Select(TextOfMessage).ToArray();
        var tool = messages.LastOrDefault(message => message.Text("role") == "tool");
        var declared = request.Items("tools").Select(item => item.Field("function")).FirstOrDefault();
        var forbidden = request.Text("tool_choice") == "none";
        return new(
            users.LastOrDefault(""), users.Length, tool is null && !forbidden ? declared : null,
            tool is null ? null : tool.Text("name") ?? declared.Text("name") ?? "the tool",
            TokenCount.OfJson(request.Field("messages")),
            OutputShape.OfOpenAi(request.Field("response_format")));
    }

    private static string TextOf(JsonNode? content) => string.Concat(content.Items("parts").Select(part => part.AsText() ?? part.Text("text")));

    private static string TextOfMessage(JsonNode? message) => message.Text("content") is { } text
        ? text
        : string.Concat(message.Items("content").Select(part => part.Text("text")));
}
