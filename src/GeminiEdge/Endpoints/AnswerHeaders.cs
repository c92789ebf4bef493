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
        if (!IsData(to.ContentType))
        {
            // A file is whatever a caller once stored: opened in a browser it must not run as a page of the edge's own, which holds an operator's key.
            to.ContentSecurityPolicy = "sandbox";
            to.XContentTypeOptions = "nosniff";
        }
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

    // What no browser makes a page of; said first, because it is nearly every answer.
    private static bool IsData(StringValues contentType) =>
        contentType is [{ } only] && (only.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) || only.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase));

    private static void Copy(HttpHeadersNonValidated from, IHeaderDictionary to, KeyMask mask)
    {
        foreach (var (name, values) in from)
        {
            if (HeaderRules.PassBack(name) && Sendable(values, mask) is { } sendable)
            {
                to[name] = sendable;
            }
        }
    }

    /// <summary>The values without key material; null when one of them is nothing to be sent. Without LINQ: it is every header's way.</summary>
    private static StringValues? Sendable(HeaderStringValues values, KeyMask mask)
    {
        StringValues sendable = default;
        foreach (var value in values)
        {
            // Kestrel sends printable ASCII and throws on the rest.
            if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            {
                return null;
            }

            sendable = StringValues.Concat(sendable, mask.Clean(value));
        }

        return sendable;
    }
}
