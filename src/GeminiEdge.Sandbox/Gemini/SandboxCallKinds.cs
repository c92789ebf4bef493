namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Tells the kind of a call from its path and, for a search, from its body.</summary>
internal static class SandboxCallKinds
{
    private static readonly string[] Grounding = ["googleSearch", "googleSearchRetrieval", "googleMaps", "enterpriseWebSearch"];

    public static SandboxCallKind Of(SandboxCall call) => (call.Route.Family, call.Route.Collection, call.Route.Verb) switch
    {
        (RouteFamily.OpenAi, _, _) => SandboxCallKind.OpenAi,
        (RouteFamily.Upload or RouteFamily.Download, _, _) or (_, "files" or "fileSearchStores", _) => SandboxCallKind.File,
        (_, "models", "generateContent" or "streamGenerateContent") => IsGrounded(call) ? SandboxCallKind.Grounded : SandboxCallKind.Generate,
        (_, "models", "countTokens") => SandboxCallKind.Count,
        (_, "models", "embedContent" or "batchEmbedContents") => SandboxCallKind.Embed,
        (_, "models", "predict" or "predictLongRunning") => SandboxCallKind.Media,
        (_, "models", "batchGenerateContent" or "asyncBatchEmbedContent") or (_, "batches", _) => SandboxCallKind.Batch,
        (_, "cachedContents", _) => SandboxCallKind.Cache,
        (_, "interactions", _) => SandboxCallKind.Interaction,
        _ => SandboxCallKind.Other,
    };

    private static bool IsGrounded(SandboxCall call) => call.ReadJson(out var request) is null
        && request.Items("tools").Any(tool => Grounding.Any(name => tool.Field(name) is not null));
}
