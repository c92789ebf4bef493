using GeminiEdge.Access;
using GeminiEdge.Failover.Forwarding;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary>
/// Points the URL for an upload's bytes at the edge, and names in it the key that began the upload, so that any
/// instance goes on with that key.
/// </summary>
internal static class UploadUrl
{
    private static readonly string[] Headers = ["x-goog-upload-url", "x-goog-upload-control-url"];

    public static void Rewrite(HttpContext context, OriginOptions options, string keyId)
    {
        foreach (var header in Headers)
        {
            if (context.Response.Headers[header] is [{ } url] && Uri.TryCreate(url, UriKind.Absolute, out _))
            {
                var afterOrigin = url.IndexOf('/', url.IndexOf("//", StringComparison.Ordinal) + 2);
                var (path, query) = RawTarget.Split(afterOrigin < 0 ? "/" : url[afterOrigin..]);
                var kept = CredentialQuery.Strip(query);
                context.Response.Headers[header] =
                    $"{Origin(context, options)}{path}{(kept.Length == 0 ? "?" : kept + "&")}{CredentialQuery.KeyIdParameter}={Uri.EscapeDataString(keyId)}";
            }
        }
    }

    private static string Origin(HttpContext context, OriginOptions options)
    {
        var request = context.Request;
        if (options.PublicUrl is not null)
        {
            return options.PublicUrl;
        }

        // Elsewhere anyone can send these headers; on the host, the host itself overwrites them. (The isolated worker
        // has taken them into scheme and host already.)
        return options.OnHost && request.Headers["X-Forwarded-Host"] is [{ Length: > 0 } host]
            ? $"{(request.Headers["X-Forwarded-Proto"] is [{ Length: > 0 } scheme] ? scheme : "https")}://{host}"
            : $"{request.Scheme}://{request.Host}";
    }
}
