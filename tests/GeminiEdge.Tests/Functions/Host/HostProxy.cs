using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace GeminiEdge.Tests.Functions.Host;

/// <summary>Hands requests on to the app with the library that the host itself uses, and changes what the host changes.</summary>
internal sealed class HostProxy(IServiceProvider services) : IDisposable
{
    private static readonly ForwarderRequestConfig Forwarding = new() { ActivityTimeout = TimeSpan.FromSeconds(240) };
    private readonly IHttpForwarder _forwarder = services.GetRequiredService<IHttpForwarder>();
    private readonly HttpMessageInvoker _connections = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        ActivityHeadersPropagator = null,
    });

    public static void AddTo(IServiceCollection services) => services.AddHttpForwarder().AddLogging(logging => logging.ClearProviders());

    /// <summary>An app that drops the connection before its headers gives the client an empty 500.</summary>
    public async Task SendAsync(HttpContext context, Uri app)
    {
        var error = await _forwarder.SendAsync(context, app.AbsoluteUri, _connections, Forwarding, HostTransformer.Instance);
        if (error != ForwarderError.None && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            Fail(context.Response);
        }
    }

    public static void Fail(HttpResponse response)
    {
        response.Clear();
        response.StatusCode = StatusCodes.Status500InternalServerError;
    }

    public void Dispose() => _connections.Dispose();

    /// <summary>What the host makes of a request on its way to the app.</summary>
    private sealed class HostTransformer : HttpTransformer
    {
        public static readonly HostTransformer Instance = new();

        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            var headers = proxyRequest.Headers;
            headers.Host = null;
            Set("X-Forwarded-For", $"{httpContext.Connection.RemoteIpAddress}");
            Set("X-Forwarded-Host", httpContext.Request.Host.Value ?? "");
            Set("X-Forwarded-Proto", httpContext.Request.Scheme);

            void Set(string name, string value)
            {
                headers.Remove(name);
                headers.TryAddWithoutValidation(name, value);
            }
        }
    }
}
