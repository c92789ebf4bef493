using System.Net;
using System.Net.Http.Headers;

namespace GeminiEdge.Tests.Support;

/// <summary>An upstream without a network, whose answers a test writes read by read.</summary>
internal sealed class ScriptedUpstream(Func<HttpRequestMessage, ScriptedAnswer> answer) : HttpMessageHandler
{
    public ScriptedUpstream(ScriptedAnswer only)
        : this(_ => only)
    {
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var script = answer(request);
        var content = new StreamContent(script);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(script.ContentType);
        return Task.FromResult(new HttpResponseMessage((HttpStatusCode)script.Status) { Content = content, RequestMessage = request, Version = HttpVersion.Version20 });
    }
}
