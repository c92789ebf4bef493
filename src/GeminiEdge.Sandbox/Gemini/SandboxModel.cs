namespace GeminiEdge.Sandbox.Gemini;

/// <summary>A model the sandbox knows.</summary>
/// <param name="Name">What a request asks for, without <c>models/</c>.</param>
/// <param name="Version">What an answer names as its <c>modelVersion</c>; differs from the name for an alias.</param>
/// <param name="Embeds">Whether it embeds instead of generating.</param>
public sealed record SandboxModel(string Name, string Version, bool Embeds = false)
{
    private static readonly string[] GeneratingMethods = ["generateContent", "countTokens", "createCachedContent", "batchGenerateContent"];
    private static readonly string[] EmbeddingMethods = ["embedContent", "countTokens", "asyncBatchEmbedContent"];

    /// <summary>The aliases, a few pinned models and an embedding model.</summary>
    public static IReadOnlyList<SandboxModel> Defaults { get; } =
    [
        new("gemini-flash-latest", "gemini-3.8-flash"),
        new("gemini-flash-lite-latest", "gemini-3.5-flash-lite"),
        new("gemini-pro-latest", "gemini-3.1-pro-preview"),
        new("gemini-3.8-flash", "gemini-3.8-flash"),
        new("gemini-2.5-flash", "gemini-2.5-flash"),
        new("gemini-embedding-001", "gemini-embedding-001", Embeds: true),
    ];

    internal IReadOnlyList<string> Methods => Embeds ? EmbeddingMethods : GeneratingMethods;
}
