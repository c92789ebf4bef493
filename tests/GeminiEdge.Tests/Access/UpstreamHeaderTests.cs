using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Access;

public class UpstreamHeaderTests
{
    [Theory]
    [InlineData("Accept", "text/event-stream, */*;q=0.1")]
    [InlineData("Accept-Language", "de-CH, fr;q=0.5")]
    [InlineData("User-Agent", "google-genai-sdk/1.2.3 gl-python/3.12 (odd; (nested) \"quoted\")")]
    [InlineData("User-Agent", "not//a valid;;agent")]
    [InlineData("Range", "bytes=0-1,5-")]
    [InlineData("If-None-Match", "W/\"x\", *")]
    [InlineData("If-Modified-Since", "not a date")]
    [InlineData("x-goog-api-client", "genai-js/1 gl-node/20")]
    [InlineData("x-goog-fieldmask", "a,b.c")]
    [InlineData("X-Server-Timeout", "17")]
    [InlineData("Api-Revision", "2026-01-01")]
    [InlineData("OpenAI-Organization", "org-x")]
    [InlineData("openai-beta", "assistants=v2")]
    [InlineData("X-Goog-Upload-Protocol", "resumable")]
    [InlineData("X-Goog-Upload-File-Name", "a film.mp4")]
    [InlineData("X-Goog-Upload-Header-Content-Length", "5")]
    [InlineData("x-goog-upload-header-content-type", "text/plain; charset=utf-8")]
    [InlineData("X-Goog-Upload-Header-Content-Disposition", "attachment")]
    [InlineData("X-Goog-Upload-Header-If-Match", "\"x\"")]
    public async Task Native_HeaderIsOnTheList_ArrivesUnchanged(string name, string value)
    {
        await using var edge = await EdgeHost.StartAsync();

        await RawHttp.SendAsync(edge, "GET", "/v1beta/models", $"{name}: {value}");

        Assert.Equal(value, Assert.Single(edge.Sandbox.Requests).Headers[name].ToString());
    }

    [Theory]
    [InlineData("Cookie: a=b")]
    [InlineData("Accept-Encoding: gzip, br")]
    [InlineData("traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("tracestate: a=b")]
    [InlineData("Baggage: a=b")]
    [InlineData("Request-Id: |x.")]
    [InlineData("X-Request-Id: x")]
    [InlineData("Origin: http://localhost")]
    [InlineData("Referer: http://localhost/")]
    [InlineData("X-HTTP-Method-Override: DELETE")]
    [InlineData("X-Goog-User-Project: x")]
    [InlineData("X-Azure-Functions-InvocationId: x")]
    [InlineData("Sec-Fetch-Mode: cors")]
    [InlineData("TE: trailers")]
    [InlineData("Keep-Alive: timeout=5")]
    [InlineData("X-Anything: x")]
    [InlineData("X-Goog-Upload-Header-Authorization: Bearer x")]
    [InlineData("x-goog-upload-header-proxy-authorization: Basic x")]
    [InlineData("X-Goog-Upload-Header-X-Goog-Api-Key: x")]
    [InlineData("X-Goog-Upload-Header-X-Functions-Key: x")]
    [InlineData("X-Goog-Upload-Header-Cookie: a=b")]
    [InlineData("X-Goog-Upload-Header-X-Goog-User-Project: x")]
    [InlineData("X-Goog-Upload-Header-X-Goog-Iam-Authorization-Token: x")]
    [InlineData("X-Goog-Upload-Header-X-Http-Method-Override: DELETE")]
    [InlineData("X-Goog-Upload-Header-X-Goog-Upload-Header-Authorization: x")]
    [InlineData("X-Goog-Upload-Header-: x")]
    public async Task Native_HeaderIsNotOnTheList_NeverArrives(string header)
    {
        await using var edge = await EdgeHost.StartAsync();

        await RawHttp.SendAsync(edge, "GET", "/v1beta/models", header);

        Assert.Equal(["Content-Length", "Host", "x-goog-api-key"], Assert.Single(edge.Sandbox.Requests).Headers.Keys.Order(StringComparer.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain; charset=utf-8; boundary=\"a b\"")]
    [InlineData("nonsense")]
    public async Task Native_ContentType_ArrivesUnchangedWithTheBytes(string contentType)
    {
        await using var edge = await EdgeHost.StartAsync();
        const string Body = "\u0000\u00ff any bytes \r\n\r\n";

        await RawHttp.ExchangeAsync(edge, RawHttp.Head(edge, "POST", "/v1beta/models/m:countTokens", $"Content-Type: {contentType}", $"Content-Length: {Body.Length}") + "\r\n" + Body);

        var request = Assert.Single(edge.Sandbox.Requests);
        Assert.Equal(contentType, request.Headers["Content-Type"].ToString());
        Assert.Equal(Body, System.Text.Encoding.Latin1.GetString(request.Body.Span));
    }

    [Fact]
    public async Task Native_HeaderIsNotAscii_IsNoFailureOfAKey()
    {
        await using var edge = await EdgeHost.StartAsync();

        var answer = await RawHttp.SendAsync(edge, "GET", "/v1beta/models", "User-Agent: caf\u00c3\u00a9");

        Assert.Equal(200, answer.Status);
        Assert.Equal("café", Assert.Single(edge.Sandbox.Requests).Headers["User-Agent"].ToString());
    }

    [Fact]
    public async Task Native_ChunkedAndALengthAtOnce_UpstreamSeesOneLengthOfWhatWasRead()
    {
        await using var edge = await EdgeHost.StartAsync();
        var body = EdgeHost.Contents("Say hello");
        var chunked = $"{body.Length:x}\r\n{body}\r\n0\r\n\r\n";

        var answer = await RawHttp.ExchangeAsync(edge,
            RawHttp.Head(edge, "POST", "/v1beta/models/gemini-flash-latest:generateContent", "Content-Length: 5", "Transfer-Encoding: chunked") + "\r\n" + chunked);

        Assert.Equal(200, answer.Status);
        var request = Assert.Single(edge.Sandbox.Requests);
        Assert.Equal(body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), request.Headers["Content-Length"].ToString());
        Assert.False(request.Headers.ContainsKey("Transfer-Encoding"));
    }
}
