using System.Text;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Fleet;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary><c>GET /api/openapi.json</c>: the edge's own routes as an OpenAPI document, for whoever may use them.</summary>
internal sealed class OpenApiEndpoint(ErrorWriter errors)
{
    public const string Path = "/api/openapi.json";

    private readonly Lazy<byte[]> _document = new(Read);

    public async ValueTask HandleAsync(HttpContext context)
    {
        var method = context.Request.Method;
        if (!HttpMethods.IsGet(method) && !HttpMethods.IsHead(method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            await errors.WriteAsync(context, FailoverError.MethodNotAllowed, "Read it with GET.");
            return;
        }

        var document = _document.Value;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = document.Length;
        if (HttpMethods.IsGet(method))
        {
            await context.Response.Body.WriteAsync(document, context.RequestAborted);
        }
    }

    private static byte[] Read()
    {
        using var file = new StreamReader(typeof(OpenApiEndpoint).Assembly.GetManifestResourceStream("openapi.json")!);
        return Encoding.UTF8.GetBytes(file.ReadToEnd().Replace("{{version}}", EdgeVersion.Text, StringComparison.Ordinal));
    }
}
