namespace GeminiEdge.Failover.Verdicts;

/// <summary>What a request asks Google for. A refusal without details counts for its kind of call alone.</summary>
internal enum CallKind
{
    /// <summary>Text of a model, whole or streamed.</summary>
    Generate,

    /// <summary>The same with a tool that has a quota of its own, as a web search.</summary>
    Grounded,
    Count,
    Embed,

    /// <summary>Images and videos of the models that make nothing else.</summary>
    Media,
    Batch,
    Cache,
    File,
    Interaction,

    /// <summary>Chat and embeddings in OpenAI's dialect.</summary>
    OpenAi,

    /// <summary>Lists of models, tuned models, and whatever is not known here.</summary>
    Other,
}

/// <summary>The kinds' public names.</summary>
internal static class CallKindNames
{
    public static string Name(this CallKind kind) => kind switch
    {
        CallKind.Generate => "generate",
        CallKind.Grounded => "grounded",
        CallKind.Count => "count",
        CallKind.Embed => "embed",
        CallKind.Media => "media",
        CallKind.Batch => "batch",
        CallKind.Cache => "cache",
        CallKind.File => "file",
        CallKind.Interaction => "interaction",
        CallKind.OpenAi => "openai",
        _ => "other",
    };
}
