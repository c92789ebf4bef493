using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Sandbox.GoogleApiKeys;

/// <summary>How one request fails.</summary>
public sealed class GoogleApiKeysFault
{
    private GoogleApiKeysFault()
    {
    }

    /// <summary>503, before anything is done.</summary>
    public static GoogleApiKeysFault Unavailable503 { get; } = new() { Error = ApiKeysErrors.Unavailable() };

    /// <summary>429, before anything is done.</summary>
    public static GoogleApiKeysFault Exhausted429 { get; } = new() { Error = ApiKeysErrors.Exhausted() };

    /// <summary>A front end's page with status 404, before anything is done: it does not speak for the API.</summary>
    public static GoogleApiKeysFault NoSuchPage404 { get; } = new() { Error = GeminiErrors.NoSuchPage() };

    /// <summary>The API's own 404, whatever there is, before anything is done: its copies don't agree yet.</summary>
    public static GoogleApiKeysFault NotFound404 { get; } = new() { Error = ApiKeysErrors.NotFound() };

    /// <summary>The request is carried out, and the connection reset in place of an answer.</summary>
    public static GoogleApiKeysFault LostAnswer { get; } = new() { LosesAnswer = true };

    /// <summary>The operation that the request starts ends with an error and changes nothing.</summary>
    public static GoogleApiKeysFault FailedOperation { get; } = new() { FailsOperation = true };

    internal GeminiError? Error { get; private init; }

    internal bool LosesAnswer { get; private init; }

    internal bool FailsOperation { get; private init; }
}
