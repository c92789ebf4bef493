namespace GeminiEdge.Sandbox.Gemini;

/// <summary>The three families of paths, which differ in credentials and envelopes.</summary>
internal enum RouteFamily
{
    /// <summary><c>/v1beta/…</c>.</summary>
    Native,

    /// <summary><c>/v1beta/openai/…</c>.</summary>
    OpenAi,

    /// <summary><c>/upload/v1beta/…</c>.</summary>
    Upload,
}
