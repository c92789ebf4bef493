namespace GeminiEdge.Sandbox.Gemini;

/// <summary>The families of paths, which differ in credentials and envelopes.</summary>
internal enum RouteFamily
{
    /// <summary><c>/v1beta/…</c>.</summary>
    Native,

    /// <summary><c>/v1beta/openai/…</c>.</summary>
    OpenAi,

    /// <summary><c>/upload/v1beta/…</c>.</summary>
    Upload,

    /// <summary><c>/download/v1beta/…</c>.</summary>
    Download,
}
