using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Starts pages of a list by <c>pageSize</c> and <c>pageToken</c>.</summary>
internal static class Page
{
    public static Page<T> Of<T>(HttpRequest request, IReadOnlyList<T> all, int defaultSize, int maxSize)
    {
        var size = int.TryParse(request.Query["pageSize"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked) && asked > 0
            ? Math.Min(asked, maxSize)
            : defaultSize;
        var token = request.Query["pageToken"].ToString();
        var offset = 0;
        if (token.Length > 0 && !(token.StartsWith("page-", StringComparison.Ordinal)
            && int.TryParse(token.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out offset)))
        {
            return new([], null, GeminiErrors.InvalidArgument("Invalid page token."));
        }

        var next = (long)offset + size < all.Count ? string.Create(CultureInfo.InvariantCulture, $"page-{offset + size}") : null;
        return new([.. all.Skip(offset).Take(size)], next, null);
    }
}

/// <summary>One page of a list.</summary>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? NextToken, GeminiError? Error)
{
    /// <summary>As proto3 writes it: empty members are left out.</summary>
    public JsonObject ToJson(string member, Func<T, JsonNode> describe)
    {
        var json = new JsonObject();
        if (Items.Count > 0)
        {
            json[member] = new JsonArray([.. Items.Select(describe)]);
        }

        if (NextToken is not null)
        {
            json["nextPageToken"] = NextToken;
        }

        return json;
    }
}
