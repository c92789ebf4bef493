using System.Net;
using System.Text;

namespace GeminiEdge.Tests.Support;

/// <summary>The upload protocol, as its clients speak it.</summary>
internal static class Uploading
{
    /// <summary>Begins a resumable upload.</summary>
    public static Task<HttpResponseMessage> StartAsync(EdgeHost edge, string query = "", Action<HttpRequestMessage>? change = null) =>
        edge.PostAsync("/upload/v1beta/files" + query, "{\"file\":{\"displayName\":\"note\"}}", request =>
        {
            request.Headers.Add("X-Goog-Upload-Protocol", "resumable");
            request.Headers.Add("X-Goog-Upload-Command", "start");
            request.Headers.Add("X-Goog-Upload-Header-Content-Type", "text/plain");
            change?.Invoke(request);
        });

    /// <summary>Begins one and gives the address for its bytes.</summary>
    public static async Task<Uri> UrlAsync(EdgeHost edge)
    {
        var response = await StartAsync(edge);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new Uri(response.Header("x-goog-upload-url"));
    }

    /// <summary>Sends bytes, or a command without any, to the address, through an edge that need not be the one that began.</summary>
    public static Task<HttpResponseMessage> ContinueAsync(EdgeHost edge, Uri url, string command, HttpContent? content = null, long? offset = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url.PathAndQuery) { Content = content ?? new ByteArrayContent([]) };
        request.Headers.Add("X-Goog-Upload-Command", command);
        if (offset is not null)
        {
            request.Headers.Add("X-Goog-Upload-Offset", offset.ToString());
        }

        return edge.Client.SendAsync(request);
    }

    /// <summary>Sends a file's metadata and bytes in one request.</summary>
    public static Task<HttpResponseMessage> SendWholeAsync(EdgeHost edge, string text, bool chunked = false)
    {
        var body = new MultipartContent("related", "edge-boundary")
        {
            new StringContent("{\"file\":{\"displayName\":\"note\"}}", Encoding.UTF8, "application/json"),
            new StringContent(text),
        };
        var request = new HttpRequestMessage(HttpMethod.Post, "/upload/v1beta/files") { Content = body };
        request.Headers.Add("X-Goog-Upload-Protocol", "multipart");
        request.Headers.TransferEncodingChunked = chunked;
        return edge.Client.SendAsync(request);
    }
}
