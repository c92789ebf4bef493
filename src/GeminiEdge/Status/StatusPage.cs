using System.Security.Cryptography;
using System.Text;
using GeminiEdge.Endpoints;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Status;

/// <summary>
/// <c>GET /api/status</c>: the operators' page. It is the same for everybody and holds no data; it asks for the admin key and gets
/// the rest with it. Style and script stand in it, because the browser may fetch nothing else, and are named in its policy by
/// their hashes: nothing that got into the page otherwise would run.
/// </summary>
internal sealed class StatusPage(ErrorWriter errors)
{
    private readonly Lazy<(byte[] Page, string Policy)> _page = new(Build);

    public ValueTask HandleAsync(HttpContext context)
    {
        if (!ReadOnly.IsRead(context))
        {
            return ReadOnly.RefuseAsync(context, errors);
        }

        var (page, policy) = _page.Value;
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        return ReadOnly.WriteAsync(context, page, "text/html; charset=utf-8");
    }

    private static (byte[] Page, string Policy) Build()
    {
        var (style, script) = (Read("status.css"), Read("status.js"));
        var page = Read("status.html").Replace("{{style}}", style, StringComparison.Ordinal).Replace("{{script}}", script, StringComparison.Ordinal);
        var policy = $"default-src 'none'; style-src '{Hash(style)}'; script-src '{Hash(script)}'; connect-src 'self'; img-src data:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
        return (Encoding.UTF8.GetBytes(page), policy);
    }

    private static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    private static string Read(string name)
    {
        using var file = new StreamReader(typeof(StatusPage).Assembly.GetManifestResourceStream($"status/{name}")!);
        return file.ReadToEnd();
    }
}
