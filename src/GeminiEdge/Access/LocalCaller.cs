using System.Collections.Frozen;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Access;

/// <summary>
/// Tells a program on this machine from somebody who only looks like one: a stranger behind a proxy here, or another site's
/// page in a browser here.
/// </summary>
internal static class LocalCaller
{
    private static readonly FrozenSet<string> ProxyHeaders = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "Forwarded", "Via", "X-Real-IP", "True-Client-IP");

    private static readonly string[] ProxyPrefixes = ["X-Forwarded-", "CF-"];

    /// <summary>The caller is on this machine, called it by a name of its own, and nothing shows that somebody stands in between.</summary>
    public static bool IsLocal(this HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address
        && IPAddress.IsLoopback(address)
        && IsLoopbackHost(context.Request.Host.Host)
        && !context.Request.IsOfForeignPage()
        && !context.Request.Headers.Any(header => IsOfProxy(header.Key));

    /// <summary>A browser sends it for a page of another site. For an image or a script it names no origin, but says that the site is another.</summary>
    public static bool IsOfForeignPage(this HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].Any(site => site is not ("none" or "same-origin"))
        || request.Headers.Origin.Any(origin => !Uri.TryCreate(origin, UriKind.Absolute, out var page) || !IsLoopbackHost(page.Host));

    private static bool IsLoopbackHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool IsOfProxy(string header) =>
        ProxyHeaders.Contains(header) || Array.Exists(ProxyPrefixes, prefix => header.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
