using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>One page of a list, and where the next begins: after the last key shown, so a change between two pages shifts nothing.</summary>
internal static class SecretPage
{
    public static KeyVaultError? Of<T>(
        HttpRequest request, string vault, int pageSize, IEnumerable<T> sorted, Func<T, string> key, Func<T, JsonObject> toJson, out JsonObject json)
    {
        json = [];
        if (request.Query["maxresults"].FirstOrDefault() is { } wanted)
        {
            if (!int.TryParse(wanted, CultureInfo.InvariantCulture, out var limit) || limit is < 1 or > 25)
            {
                return KeyVaultErrors.BadParameter("maxresults must be between 1 and 25.");
            }

            pageSize = Math.Min(pageSize, limit);
        }

        // A key is a secret's name or a version's id: letters, digits and dashes.
        if (request.Query["$skiptoken"].FirstOrDefault() is { } last)
        {
            sorted = sorted.SkipWhile(item => string.Compare(key(item), last, StringComparison.OrdinalIgnoreCase) <= 0);
        }

        var page = sorted.Take(pageSize + 1).ToList();
        string? next = null;
        if (page.Count > pageSize)
        {
            page.RemoveAt(pageSize);
            next = $"{vault}{request.Path}?api-version={request.Query["api-version"]}&$skiptoken={key(page[^1])}&maxresults={pageSize}";
        }

        json["value"] = new JsonArray([.. page.Select(toJson)]);
        json["nextLink"] = next;
        return null;
    }
}
