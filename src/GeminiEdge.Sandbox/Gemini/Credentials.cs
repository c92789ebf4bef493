using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>What a request presents to be let in.</summary>
internal readonly record struct Credentials(string? ApiKey, string? Bearer, int Count)
{
    public string? Value => ApiKey ?? Bearer;

    public static Credentials Read(HttpRequest request)
    {
        var header = request.Headers["x-goog-api-key"];
        var query = request.Query["key"];
        var token = request.Query["access_token"];
        var authorization = request.Headers.Authorization;
        return new(
            header.Count > 0 ? header[0] : query.Count > 0 ? query[0] : null,
            authorization.Count > 0 ? WithoutScheme(authorization[0]!) : token.Count > 0 ? token[0] : null,
            header.Count + query.Count + token.Count + authorization.Count);
    }

    /// <summary>The rule of the route: native paths take an API key, OpenAI paths a bearer token, each exactly one.</summary>
    public GeminiError? Judge(bool openAi) => (openAi, ApiKey, Bearer) switch
    {
        (true, null, not null) when Count == 1 => null,
        (true, not null, not null) => GeminiErrors.InvalidArgument("Invalid Auth key."),
        (true, _, _) => GeminiErrors.InvalidArgument("Missing or invalid Authorization header."),
        (false, null, null) => GeminiErrors.NoCredential(),
        _ when Count > 1 => GeminiErrors.TwoCredentials(),
        (false, null, _) => GeminiErrors.Unauthenticated(),
        _ => null,
    };

    private static string WithoutScheme(string authorization) =>
        authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? authorization[7..].Trim() : authorization;
}
