namespace GeminiEdge.Sandbox.Gemini;

/// <summary>What a request asks Google for: a key may be refused for one kind and good for all others.</summary>
public enum SandboxCallKind
{
    /// <summary><c>generateContent</c> and <c>streamGenerateContent</c>, without a search.</summary>
    Generate,

    /// <summary>The same with the tool <c>google_search</c> or another that grounds the answer.</summary>
    Grounded,

    /// <summary><c>countTokens</c>.</summary>
    Count,

    /// <summary><c>embedContent</c> and <c>batchEmbedContents</c>.</summary>
    Embed,

    /// <summary><c>predict</c> and <c>predictLongRunning</c>.</summary>
    Media,

    /// <summary><c>batchGenerateContent</c>, <c>asyncBatchEmbedContent</c> and <c>batches</c>.</summary>
    Batch,

    /// <summary><c>cachedContents</c>.</summary>
    Cache,

    /// <summary><c>files</c>, uploads, downloads and <c>fileSearchStores</c>.</summary>
    File,

    /// <summary><c>interactions</c>.</summary>
    Interaction,

    /// <summary>Everything below <c>/openai/</c>.</summary>
    OpenAi,

    /// <summary>Lists of models, tuned models and what else there is.</summary>
    Other,
}
