namespace GeminiEdge.Sandbox.Gemini;

/// <summary>How a route wraps what it answers.</summary>
internal enum Envelope
{
    /// <summary>One JSON object.</summary>
    Object,

    /// <summary>A JSON array, of which an error is the only element.</summary>
    Array,

    /// <summary>One JSON object whose errors have a code in words; a stream's events are named.</summary>
    Interaction,

    /// <summary>Server-sent events; an error before the first is a bare object under the same content type.</summary>
    EventStream,
}
