namespace GeminiEdge.Tests.Support;

/// <summary>Chunks of an upstream's stream.</summary>
internal static class GeminiChunk
{
    /// <summary>A chunk with this text; what is given stands in JSON as it is.</summary>
    public static string Text(string text, string? finishReason = null) => Parts($$"""[{"text":"{{text}}"}]""", finishReason);

    public static string Parts(string parts, string? finishReason = null) =>
        $$$"""{"candidates":[{"content":{"parts":{{{parts}}},"role":"model"}{{{(finishReason is null ? "" : $",\"finishReason\":\"{finishReason}\"")}}}}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":5,"totalTokenCount":8},"modelVersion":"gemini-3.8-flash"}""";

    public static string Event(string chunk, string newline = "\r\n") => $"data: {chunk}{newline}{newline}";

    /// <summary>A finished answer of a few chunks, as the upstream frames it.</summary>
    public static string Stream(bool sse, string newline = "\r\n", params IEnumerable<string> chunks) =>
        sse ? string.Concat(chunks.Select(chunk => Event(chunk, newline))) : $"[{string.Join($",{newline}", chunks)}{newline}]{newline}";

    public static string Error(int code, string status, string message, string details = "[]") =>
        $$$"""{"error":{"code":{{{code}}},"message":"{{{message}}}","status":"{{{status}}}","details":{{{details}}}}}""";
}
