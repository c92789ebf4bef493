using System.Text.Json;
using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>What Google refuses about a generation request before any model sees it.</summary>
internal static class NativeRequest
{
    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "model", "contents", "tools", "toolConfig", "safetySettings", "systemInstruction", "generationConfig", "cachedContent",
        "labels", "store", "serviceTier",
    };

    private static readonly HashSet<string> SnakeNames = [.. Names.Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    public static GeminiError? Check(JsonObject request)
    {
        foreach (var (name, _) in request)
        {
            if (!Names.Contains(name) && !SnakeNames.Contains(name))
            {
                return GeminiErrors.BadField($"Invalid JSON payload received. Unknown name \"{name}\": Cannot find field.");
            }
        }

        if (!request.Items("contents").Any())
        {
            return GeminiErrors.InvalidArgument("* GenerateContentRequest.contents: contents is not specified\n");
        }

        foreach (var content in request.Items("contents"))
        {
            if (content is not JsonObject)
            {
                return GeminiErrors.BadField("Invalid value at 'contents' (type.googleapis.com/google.ai.generativelanguage.v1beta.Content)", "contents");
            }

            if (content.Text("role") is not (null or "" or "user" or "model" or "function"))
            {
                return GeminiErrors.InvalidArgument("Please use a valid role: user, model.");
            }
        }

        return null;
    }
}
