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
        return options.OnHost && request.Headers["X-Forwarded-Host"] is [{ Length: > 0 } forwarded] && Written(new HostString(forwarded)) is { } host
            ? $"{(request.Headers["X-Forwarded-Proto"] is ["http"] ? "http" : "https")}://{host}"
            : $"{request.Scheme}://{Written(request.Host) ?? "localhost"}";
    }

    /// <summary>A host as it stands in an address, in ASCII; null for what is none.</summary>
    private static string? Written(HostString host)
    {
        try
        {
            var written = host.ToUriComponent();
            return written.Length > 0 && written.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':' or '[' or ']') ? written : null;
        }
        catch (ArgumentException)
        {
            // Letters that no name of a host has.
            return null;
        }
    }
}
