using GeminiEdge.Failover.Forwarding;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary>
/// Points the URL for an upload's bytes at the edge, and signs in it for the key that began the upload, so that any
/// instance goes on with that key, and asks for no other.
/// </summary>
internal sealed class UploadUrls(OriginOptions options, ForwardingOptions forwarding, TimeProvider time)
{
    public void Set(HttpContext context, Attempt attempt, ForwardRequest request)
    {
        if (request.Call.Upload == UploadPhase.None)
        {
            return;
        }

        foreach (var header in UploadAddress.Headers)
        {
            if (UploadAddress.Of(header, attempt, request, forwarding.BaseUrl, time) is { } target)
            {
                context.Response.Headers[header] = Origin(context) + target;
            }
        }
    }

    private string Origin(HttpContext context)
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
