using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Starts pages of a list by <c>pageSize</c> and <c>pageToken</c>.</summary>
internal static class Paging
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
