using GeminiEdge.Failover.Forwarding;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GeminiEdge.Access;

/// <summary>The part of the edge a request is for.</summary>
internal enum Area
{
    /// <summary>No part: 404 before anything else is looked at.</summary>
    None,
    Root,
    Health,
    Api,
    Admin,
    Native,

    /// <summary>The operators' page.</summary>
    Status,

    /// <summary>The Live API's WebSocket, which is not supported.</summary>
    Live,
}

/// <summary>
/// Judges the raw request target. The Functions host decodes and normalises in its own way before it
/// asks for a key; whatever it could read otherwise than the edge does is turned away here.
/// </summary>
internal static class RawTarget
{
    /// <summary>The path before the first question mark, and the query with it.</summary>
    public static (string Path, string Query) Split(string rawTarget)
    {
        var question = rawTarget.IndexOf('?', StringComparison.Ordinal);
        return question < 0 ? (rawTarget, "") : (rawTarget[..question], rawTarget[question..]);
    }

    /// <summary>Which area a request is for.</summary>
    public static Area AreaOf(HttpContext context) => Judge(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);

    /// <summary>Which area the target belongs to, by the literal beginning of its path.</summary>
    public static Area Judge(string rawTarget)
    {
        // Kestrel lets control characters through, and behind a bare CR a lenient upstream could read a header.
        if (rawTarget.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return Area.None;
        }

        var path = Split(rawTarget).Path;
        if (path == "/")
        {
            return Area.Root;
        }

        var area = path switch
        {
            "/api/health" => Area.Health,
            _ when path.StartsWith("/api/admin/", StringComparison.Ordinal) => Area.Admin,

            "/api/status" => Area.Status,

            // Nothing is there, whoever asks: the host asks for no key on these addresses.
            _ when path.StartsWith("/api/status/", StringComparison.Ordinal) => Area.None,
            _ when path.StartsWith("/api/", StringComparison.Ordinal) => Area.Api,
            _ when path.StartsWith("/ws/", StringComparison.Ordinal) => Area.Live,
            _ => NativePath.IsNative(path) ? Area.Native : Area.None,
        };

        return area == Area.None || NativePath.IsAmbiguous(path) ? Area.None : area;
    }
}
