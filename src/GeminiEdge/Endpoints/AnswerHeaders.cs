using System.Net.Http.Headers;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace GeminiEdge.Endpoints;

/// <summary>An upstream answer's headers on their way to the caller: all but the connection's and the edge's own.</summary>
internal static class AnswerHeaders
{
    public static void Copy(HttpResponseMessage from, IHeaderDictionary to)
    {
        Copy(from.Headers.NonValidated, to);
        Copy(from.Content.Headers.NonValidated, to);
    }

    /// <summary>Masks key material in what was copied from an error's headers.</summary>
    public static void Mask(IHeaderDictionary headers, KeyMask mask)
    {
        foreach (var (name, value) in headers.ToArray())
        {
            headers[name] = new StringValues([.. value.Select(v => mask.Clean(v ?? ""))]);
        }
    }

    private static void Copy(HttpHeadersNonValidated from, IHeaderDictionary to)
    {
        foreach (var header in from)
        {
            // Kestrel sends printable ASCII and throws on the rest.
            if (HeaderRules.PassBack(header.Key) && header.Value.All(value => !value.AsSpan().ContainsAnyExceptInRange(' ', '~')))
            {
                to[header.Key] = header.Value.Count == 1 ? header.Value.ToString() : new StringValues([.. header.Value]);
            }
        }
    }
}
