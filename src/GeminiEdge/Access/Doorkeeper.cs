using System.Net;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Access;

/// <summary>Decides who gets in, by area and caller.</summary>
internal sealed class Doorkeeper(AccessOptions options)
{
    /// <summary>Null when the caller may enter, else why not and what to do.</summary>
    public string? Refusal(Area area, HttpContext context) => area switch
    {
        Area.Root or Area.Health or Area.None or Area.Live => null,

        // The host has asked for the function key (admin level for /api/admin and /api/status).
        Area.Api or Area.Admin when options.OnHost => null,
        Area.Admin => Refusal(options.AdminKeys, "GEMINI_EDGE_ADMIN_KEYS", context),
        Area.Native when options.OnHost && options.ClientKeys.IsEmpty =>
            "Native routes are closed: the setting GEMINI_EDGE_CLIENT_KEYS is empty, and the Functions host asks for no key on these routes. Set it and present one of its keys as x-goog-api-key.",
        _ => Refusal(options.ClientKeys, "GEMINI_EDGE_CLIENT_KEYS", context),
    };

    private static string? Refusal(PresentedKeys keys, string setting, HttpContext context)
    {
        if (!keys.IsEmpty)
        {
            return context.Request.PresentsOneOf(keys)
                ? null
                : $"No valid key was presented. Send one of the keys of the setting {setting} as x-goog-api-key or as Authorization: Bearer.";
        }

        return IsLocal(context)
            ? null
            : $"Without keys in the setting {setting} only callers on this machine get in. Set it and present one of its keys as x-goog-api-key.";
    }

    // A reverse proxy on this machine, or another site's page in this machine's browser, must not pass for a local caller.
    private static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address
        && IPAddress.IsLoopback(address)
        && IsLoopbackHost(context.Request.Host.Host)
        && context.Request.Headers.Origin.All(origin => Uri.TryCreate(origin, UriKind.Absolute, out var page) && IsLoopbackHost(page.Host))
        && !context.Request.Headers.Any(header => header.Key.Equals("Forwarded", StringComparison.OrdinalIgnoreCase)
            || header.Key.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase));

    private static bool IsLoopbackHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
