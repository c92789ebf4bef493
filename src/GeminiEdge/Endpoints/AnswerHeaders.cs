using System.Net.Http.Headers;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace GeminiEdge.Endpoints;

/// <summary>An upstream answer's headers on their way to the caller: all but the connection's and the edge's own.</summary>
internal static class AnswerHeaders
{
    /// <summary>Copies them, with key material masked: of an answer's head no part is the model's.</summary>
    public static void Copy(HttpResponseMessage from, IHeaderDictionary to, KeyMask mask)
    {
        Copy(from.Headers.NonValidated, to, mask);
        Copy(from.Content.Headers.NonValidated, to, mask);
    }

    /// <summary>Takes back what was copied, for an error of the edge's own.</summary>
    public static void Forget(HttpResponse response)
    {
        if (!response.HasStarted)
        {
            foreach (var name in response.Headers.Keys.Where(name => !HeaderRules.IsOfEdge(name)).ToArray())
            {
                response.Headers.Remove(name);
            }
        }
    }

    private static void Copy(HttpHeadersNonValidated from, IHeaderDictionary to, KeyMask mask)
    {
        foreach (var header in from)
        {
            // Kestrel sends printable ASCII and throws on the rest.
            if (HeaderRules.PassBack(header.Key) && header.Value.All(value => !value.AsSpan().ContainsAnyExceptInRange(' ', '~')))
            {
                to[header.Key] = header.Value.Count == 1 ? mask.Clean(header.Value.ToString()) : new StringValues([.. header.Value.Select(mask.Clean)]);
            }
        }
    }
}
