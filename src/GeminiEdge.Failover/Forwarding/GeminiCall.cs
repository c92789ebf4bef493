using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>How a request uses the upload protocol.</summary>
internal enum UploadPhase
{
    None,

    /// <summary>Metadata only; the answer names the URL for the bytes.</summary>
    Start,

    /// <summary>Bytes or questions for an upload that one key began.</summary>
    Continue,

    /// <summary>Metadata and bytes in one request.</summary>
    Whole,
}

/// <summary>What a request asks of the upstream, as far as failover has to know.</summary>
internal sealed record GeminiCall
{
    /// <summary>The API method for logs: <c>generateContent</c>, <c>files.get</c>, <c>openai.chat.completions</c>.</summary>
    public required string Method { get; init; }

    /// <summary>What it asks for: a refusal without details counts for its kind alone.</summary>
    public required CallKind Kind { get; init; }

    /// <summary>The model asked for, without <c>models/</c>; "" when none is named.</summary>
    public string Model { get; init; } = "";

    /// <summary>Repeating it is harmless, so it may be repeated when nobody knows whether it was done.</summary>
    public bool Replayable { get; init; }

    /// <summary>A 200 must hold a readable answer.</summary>
    public bool MustAnswer { get; init; }

    /// <summary>The answer arrives in pieces.</summary>
    public bool Streams { get; init; }

    /// <summary>An OpenAI route: it takes its key as a bearer token.</summary>
    public bool OpenAi { get; init; }

    /// <summary>It is for a resource that belongs to one key's project, or names one.</summary>
    public bool ProjectBound { get; init; }

    /// <summary>The resource it names, as <c>files/abc</c>.</summary>
    public string? Resource { get; init; }

    public UploadPhase Upload { get; init; }

    /// <summary>A success is a file's own bytes: whatever they look like, they are no answer of the upstream's about itself.</summary>
    public bool IsFile { get; init; }

    /// <summary>Another model may answer it: only a text that nothing but the model makes, never a count or an embedding.</summary>
    public bool MayFallBack => Replayable && !ProjectBound && Model.Length > 0
        && (Kind is CallKind.Generate or CallKind.Grounded || Method == "openai.chat.completions");

    /// <summary>It is known to be done with an API key; what isn't known may take none at all.</summary>
    public bool TakesApiKeys => Kind != CallKind.Other || Method.StartsWith("models.", StringComparison.Ordinal) || Method is "openai.models";

    /// <summary>What it needs a key for.</summary>
    public CallScope Scope => new(Kind, Model);
}
