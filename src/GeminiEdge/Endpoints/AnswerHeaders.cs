using System.Collections.Frozen;
using System.Net.Http.Headers;
using GeminiEdge.Failover.Keys;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace GeminiEdge.Endpoints;

/// <summary>An upstream answer's headers on their way to the caller: all but the connection's and the edge's own.</summary>
internal static class AnswerHeaders
{
    private static readonly FrozenSet<string> NotToCaller = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "Set-Cookie", "Alt-Svc", "Strict-Transport-Security", "Server", "Date", "x-request-id",
        "x-gemini-edge-key-id", "x-gemini-edge-attempts");

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
            if (!NotToCaller.Contains(header.Key) && header.Value.All(value => !value.AsSpan().ContainsAnyExceptInRange(' ', '~')))
            {
                to[header.Key] = header.Value.Count == 1 ? header.Value.ToString() : new StringValues([.. header.Value]);
            }
        }
    }
}
