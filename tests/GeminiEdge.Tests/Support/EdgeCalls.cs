using System.Text;

namespace GeminiEdge.Tests.Support;

/// <summary>Requests that aren't a prompt.</summary>
internal static class EdgeCalls
{
    public static Task<HttpResponseMessage> GetAsync(this EdgeHost edge, string path) => edge.SendAsync("GET", path);

    /// <summary>Sends a request, with these bytes as its body unless they are null; returns when the headers are there.</summary>
    public static Task<HttpResponseMessage> SendAsync(this EdgeHost edge, string method, string path, string? body = null, string? contentType = null)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (contentType is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
            }
        }

        return edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }
}
