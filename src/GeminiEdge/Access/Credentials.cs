using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Access;

/// <summary>What a caller presents, in any of the places where clients of Gemini, OpenAI and Azure put their key.</summary>
internal static class Credentials
{
    private const string Bearer = "Bearer ";

    /// <summary>Whether any of the presented values is one of the keys.</summary>
    public static bool PresentsOneOf(this HttpRequest request, PresentedKeys keys)
    {
        foreach (var value in request.Headers["x-goog-api-key"])
        {
            if (keys.Contains(value))
            {
                return true;
            }
        }

        foreach (var value in request.Headers.Authorization)
        {
            if (value is not null && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && keys.Contains(value.AsSpan(Bearer.Length).Trim()))
            {
                return true;
            }
        }

        foreach (var value in request.Headers["x-functions-key"])
        {
            if (keys.Contains(value))
            {
                return true;
            }
        }

        return request.QueryString.HasValue
            && (request.Query["key"].Any(value => keys.Contains(value)) || request.Query["code"].Any(value => keys.Contains(value)));
    }

    /// <summary>Whether a key is presented at all, whatever it is worth.</summary>
    /// <param name="inQuery">It may stand in the query, where any page can write one.</param>
    public static bool PresentsAny(this HttpRequest request, bool inQuery) =>
        request.Headers.ContainsKey("x-goog-api-key") || request.Headers.ContainsKey("x-functions-key") || request.Headers.ContainsKey("Authorization")
        || (inQuery && request.QueryString.HasValue && (request.Query.ContainsKey("key") || request.Query.ContainsKey("code")));
}
