using System.Text.Json;

namespace GeminiEdge.Cli.Drill;

/// <summary>Whether an answer is the whole answer; a 200 alone proves nothing.</summary>
internal static class AnswerCheck
{
    /// <summary>Judges an answer that ended as HTTP says it should.</summary>
    /// <returns>What is wrong; null when nothing is.</returns>
    public static string? Fault(Question question, int status, string body)
    {
        try
        {
            return status != 200 ? ErrorCode(body)
                : !question.Streams ? OfWhole(body)
                : question.IsNative ? OfNativeStream(body)
                : OfStream(body);
        }
        catch (JsonException)
        {
            return "unreadable_answer";
        }
    }

    private static string? OfWhole(string body)
    {
        using var json = JsonDocument.Parse(body);
        return json.RootElement.TryGetProperty("text", out var text) && text.GetString() is { Length: > 0 } ? null : "no_text";
    }

    private static string? OfStream(string body)
    {
        var last = body.TrimEnd('\n').Split("\n\n")[^1];
        return last.StartsWith("event: done\n", StringComparison.Ordinal) && body.Contains("data: {\"text\":", StringComparison.Ordinal) ? null
            : last.StartsWith("event: error\n", StringComparison.Ordinal) ? "error_in_stream"
            : "cut_stream";
    }

    private static string? OfNativeStream(string body)
    {
        var last = body.TrimEnd().Split("\r\n\r\n")[^1];
        if (!last.StartsWith("data: ", StringComparison.Ordinal))
        {
            return "cut_stream";
        }

        using var json = JsonDocument.Parse(last.AsMemory("data: ".Length));
        return json.RootElement.TryGetProperty("candidates", out var candidates) && candidates[0].TryGetProperty("finishReason", out _) ? null : "cut_stream";
    }

    // The edge's own shape, or Google's.
    private static string ErrorCode(string body)
    {
        using var json = JsonDocument.Parse(body);
        var root = json.RootElement;
        return root.TryGetProperty("code", out var code) ? code.GetString()!
            : root.TryGetProperty("error", out var error) ? error.GetProperty("status").GetString()!
            : "unreadable_answer";
    }
}
