using System.Collections.Frozen;
using System.Net.Http.Headers;
using GeminiEdge.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace GeminiEdge.Forwarding;

/// <summary>Which headers pass: to the upstream only the known good ones, to the caller all but the connection's and the edge's own.</summary>
internal static class HeaderRules
{
    private static readonly FrozenSet<string> ToUpstream = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Accept", "Accept-Language", "User-Agent", "Range", "x-goog-api-client", "x-goog-fieldmask", "x-server-timeout", "api-revision");

    private static readonly FrozenSet<string> NotToCaller = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "Set-Cookie", "Alt-Svc", "Strict-Transport-Security", "Server", "Date", "x-request-id",
        "x-gemini-edge-key-id", "x-gemini-edge-attempts");

    public static void CopyToUpstream(ForwardRequest request, HttpRequestMessage to)
    {
        var from = request.Context.Request.Headers;
        if (request.IsOwn)
        {
            // The caller's headers are about the caller's body: a field mask or a range would take pieces out of the answer.
            to.Headers.TryAddWithoutValidation("User-Agent", (IEnumerable<string>)from.UserAgent!);
            to.Content?.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            return;
        }

        foreach (var (name, value) in from)
        {
            if (Passes(name))
            {
                _ = value is [{ } single]
                    ? to.Headers.TryAddWithoutValidation(name, single)
                    : to.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)value!);
            }
        }

        if (to.Content is not null && from.ContentType is [{ } contentType])
        {
            to.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }
    }

    public static void CopyToCaller(HttpResponseMessage from, IHeaderDictionary to)
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

    private static bool Passes(string name) =>
        ToUpstream.Contains(name)
        || name.StartsWith("If-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("openai-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("x-goog-upload-", StringComparison.OrdinalIgnoreCase);
}
