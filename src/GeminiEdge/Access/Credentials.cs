using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace GeminiEdge.Access;

/// <summary>What a caller presents, in any of the places where clients of Gemini, OpenAI and Azure put their key.</summary>
internal static class Credentials
{
    private const string Bearer = "Bearer ";

    /// <summary>Whether any of the presented values is one of the keys.</summary>
    public static bool PresentsOneOf(this HttpRequest request, PresentedKeys keys) =>
        keys.HoldAny(request.Headers["x-goog-api-key"])
        || keys.HoldBearer(request.Headers.Authorization)
        || keys.HoldAny(request.Headers["x-functions-key"])
        || (request.QueryString.HasValue && (keys.HoldAny(request.Query["key"]) || keys.HoldAny(request.Query["code"])));

    /// <summary>Whether a key is presented at all, whatever it is worth.</summary>
    /// <param name="inQuery">It may stand in the query, where any page can write one.</param>
    public static bool PresentsAny(this HttpRequest request, bool inQuery) =>
        request.Headers.ContainsKey("x-goog-api-key") || request.Headers.ContainsKey("x-functions-key") || request.Headers.ContainsKey("Authorization")
        || (inQuery && request.QueryString.HasValue && (request.Query.ContainsKey("key") || request.Query.ContainsKey("code")));

    private static bool HoldAny(this PresentedKeys keys, StringValues presented)
    {
        foreach (var value in presented)
        {
            if (keys.Contains(value))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HoldBearer(this PresentedKeys keys, StringValues presented)
    {
        foreach (var value in presented)
        {
            if (value is not null && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && keys.Contains(value.AsSpan(Bearer.Length).Trim()))
            {
                return true;
            }
        }

        return false;
    }
}
