namespace GeminiEdge.Sandbox.Gemini;

/// <summary>The two shapes of Gemini API keys.</summary>
public enum SandboxKeyKind
{
    /// <summary>An authorization key, <c>AQ.…</c>: what new keys are.</summary>
    Auth,

    /// <summary>A standard key, <c>AIza…</c>, 39 characters.</summary>
    Standard,
}
