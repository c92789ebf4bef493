using System.Text;
using GeminiEdge.Fleet;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary><c>GET /api/openapi.json</c>: the edge's own routes as an OpenAPI document, for whoever may use them.</summary>
internal sealed class OpenApiEndpoint(ErrorWriter errors)
{
    public const string Path = "/api/openapi.json";

    private readonly Lazy<byte[]> _document = new(Read);

    public ValueTask HandleAsync(HttpContext context)
    {
        if (!ReadOnly.IsRead(context))
        {
            return ReadOnly.RefuseAsync(context, errors);
        }

        context.Response.Headers.CacheControl = "no-store";
        return ReadOnly.WriteAsync(context, _document.Value, "application/json; charset=utf-8");
    }

    private static byte[] Read()
    {
        using var file = new StreamReader(typeof(OpenApiEndpoint).Assembly.GetManifestResourceStream("openapi.json")!);
        return Encoding.UTF8.GetBytes(file.ReadToEnd().Replace("{{version}}", EdgeVersion.Text, StringComparison.Ordinal));
    }
}
