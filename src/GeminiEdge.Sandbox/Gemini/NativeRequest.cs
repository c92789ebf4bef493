using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>What Google refuses about a generation request before any model sees it.</summary>
internal static class NativeRequest
{
    private const int MostCandidates = 8;

    public static GeminiError? Check(JsonObject request) => FieldCheck.Check(request, GeminiMessages.Generate) ?? CheckMeaning(request);

    /// <summary>Bare contents, or a whole request.</summary>
    public static GeminiError? CheckCount(JsonObject request) =>
        FieldCheck.Check(request, GeminiMessages.Count) ?? CheckMeaning(request.Field("generateContentRequest") as JsonObject ?? request);

    private static GeminiError? CheckMeaning(JsonObject request)
    {
        if (!request.Items("contents").Any())
        {
            return GeminiErrors.InvalidArgument("* GenerateContentRequest.contents: contents is not specified\n");
        }

        if (request.Items("contents").Any(content => content.Text("role") is not (null or "" or "user" or "model" or "function")))
        {
            return GeminiErrors.InvalidArgument("Please use a valid role: user, model.");
        }

        return request.Field("generationConfig").Number("candidateCount") is { } count and (< 1 or > MostCandidates)
            ? GeminiErrors.InvalidArgument($"* GenerateContentRequest.generation_config.candidate_count: candidate_count must be in the range [1, {MostCandidates}].\n")
            : null;
    }
}
