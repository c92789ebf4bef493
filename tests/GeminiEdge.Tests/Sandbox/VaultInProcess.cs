using System.Net;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GeminiEdge.Tests.Sandbox;

/// <summary>
/// The vault without a connection to it, for tests that ask it very often: most of the time of a request goes into TLS,
/// sockets and Kestrel. Requests are answered in the order in which they are made, so that the nth is the same one each time.
/// </summary>
internal sealed class VaultInProcess(KeyVaultSandbox vault) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var lifetime = new CallerLifetime { RequestAborted = cancellationToken };
        using var body = new MemoryStream();
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpRequestLifetimeFeature>(lifetime);
        context.Response.Body = body;
        await FillAsync(context.Request, request, cancellationToken);

        await vault.HandleAsync(context);

        if (lifetime.IsCut)
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The vault ended the connection.");
        }

        var response = new HttpResponseMessage((HttpStatusCode)context.Response.StatusCode) { RequestMessage = request, Content = new ByteArrayContent(body.ToArray()) };
        foreach (var (name, values) in context.Response.Headers)
        {
            if (!response.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                response.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        return response;
    }

    private static async Task FillAsync(HttpRequest to, HttpRequestMessage from, CancellationToken cancellationToken)
    {
        var target = from.RequestUri!;
        (to.Method, to.Scheme, to.Host) = (from.Method.Method, target.Scheme, HostString.FromUriComponent(target));
        (to.Path, to.QueryString) = (PathString.FromUriComponent(target), QueryString.FromUriComponent(target));
        foreach (var (name, values) in from.Headers.Concat(from.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>()))
        {
            to.Headers[name] = values.ToArray();
        }

        if (from.Content is { } content)
        {
            to.Body = await content.ReadAsStreamAsync(cancellationToken);
        }
    }
}
