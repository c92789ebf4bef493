using System.Net;
using System.Text;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>The older resumable protocol, which Google's API client libraries speak: a Location, pieces with their Content-Range, 308.</summary>
public class RangedUploadTests
{
    private const string CallerKey = "caller-key-of-the-edge";
    private const int Piece = 256 * 1024;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Upload_InPiecesWithoutACredential_IsAFile(bool primaryIsDead)
    {
        await using var edge = await EdgeAsync();
        edge.Primary.State = primaryIsDead ? SandboxKeyState.Invalid : SandboxKeyState.Working;
        var key = primaryIsDead ? edge.Secondary : edge.Primary;
        var start = await StartAsync(edge);
        var url = start.Headers.Location!;
        edge.Sandbox.ClearRequests();

        var first = await PutAsync(edge, url, new byte[Piece], $"bytes 0-{Piece - 1}/{Piece + 5}");
        var query = await PutAsync(edge, url, [], $"bytes */{Piece + 5}");
        var last = await PutAsync(edge, url, "hello"u8.ToArray(), $"bytes {Piece}-{Piece + 4}/{Piece + 5}");
        var late = await PutAsync(edge, url, [], $"bytes */{Piece + 5}");

        Assert.Equal((HttpStatusCode.OK, key.Value[^4..]), (start.StatusCode, start.Header("x-gemini-edge-key-id")));
        Assert.Equal((308, $"bytes=0-{Piece - 1}"), ((int)first.StatusCode, first.Header("Range")));
        Assert.Equal((308, $"bytes=0-{Piece - 1}"), ((int)query.StatusCode, query.Header("Range")));
        Assert.Equal($"{Piece + 5}", (await EdgeHost.JsonAsync(last))["file"]!["sizeBytes"]!.GetValue<string>());
        Assert.Equal("text/plain", (await EdgeHost.JsonAsync(late))["file"]!["mimeType"]!.GetValue<string>());
        Assert.All(edge.Sandbox.Requests, request => Assert.Equal((key.Value, 1), (request.Key, request.CredentialCount)));
        Assert.All(edge.Sandbox.Requests, request => Assert.DoesNotContain("gemini_edge", request.Target, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_AnswersTheEdgesOwnLocation_AndHasItsHeadersUpstream()
    {
        await using var edge = await EdgeAsync();

        var start = await StartAsync(edge, "&quotaUser=u");

        var sent = Assert.Single(edge.Sandbox.Requests);
        Assert.Equal(("/upload/v1beta/files?uploadType=resumable&alt=json", "text/plain", $"{Piece + 5}"),
            (sent.Target, sent.Headers["X-Upload-Content-Type"].ToString(), sent.Headers["X-Upload-Content-Length"].ToString()));
        Assert.StartsWith($"http://{edge.Url.Authority}/upload/v1beta/files?uploadType=resumable&alt=json&upload_id=", start.Headers.Location!.AbsoluteUri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_LengthIsNotDeclared_FailsOver()
    {
        await using var edge = await EdgeAsync();
        edge.Primary.State = SandboxKeyState.Forbidden;

        // As a piece of a file, which it isn't, it would go to one key alone.
        var start = await StartAsync(edge, change: request => request.Headers.TransferEncodingChunked = true);

        Assert.Equal((HttpStatusCode.OK, "2"), (start.StatusCode, start.Header("x-gemini-edge-attempts")));
    }

    [Fact]
    public async Task Continue_WithAnotherSignature_Is401()
    {
        await using var edge = await EdgeAsync();
        var url = (await StartAsync(edge)).Headers.Location!;

        foreach (var changed in new[] { url.AbsoluteUri[..^1], url.AbsoluteUri.Replace("alt=json", "alt=proto", StringComparison.Ordinal), url.AbsoluteUri + "&upload_id=another" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await PutAsync(edge, new Uri(changed), [], "bytes */5")).StatusCode);
        }

        Assert.Equal(308, (int)(await PutAsync(edge, url, [], "bytes */5")).StatusCode);
    }

    [Fact]
    public async Task Continue_Deleted_PassesItOn()
    {
        await using var edge = await EdgeAsync();
        var url = (await StartAsync(edge)).Headers.Location!;

        var cancelled = await edge.Client.DeleteAsync(url, TestContext.Current.CancellationToken);
        var late = await PutAsync(edge, url, "hello"u8.ToArray(), "bytes 0-4/5");

        Assert.Equal((499, HttpStatusCode.NotFound), ((int)cancelled.StatusCode, late.StatusCode));
        Assert.Equal("DELETE", edge.Sandbox.Requests[^2].Method);
    }

    // Google may name another address with each 308, and its clients go on there.
    [Fact]
    public async Task Continue_UpstreamNamesANewLocation_ItIsTheEdgesOwnAndHoldsNoLonger()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        await using var edge = await EdgeAsync(time);
        var url = (await StartAsync(edge)).Headers.Location!;
        var expiry = $"gemini_edge_expires={time.GetUtcNow().AddHours(24).ToUnixTimeSeconds()}&";
        time.Advance(TimeSpan.FromHours(23));
        edge.Sandbox.OnRequest = context =>
        {
            context.Response.StatusCode = 308;
            context.Response.Headers.Location = $"{edge.Sandbox.BaseUrl}upload/v1beta/files?uploadType=resumable&upload_id=moved&key={edge.Primary.Value}";
            return Task.FromResult(true);
        };

        var moved = await PutAsync(edge, url, [], "bytes */5");

        Assert.Equal(308, (int)moved.StatusCode);
        Assert.StartsWith($"http://{edge.Url.Authority}/upload/v1beta/files?uploadType=resumable&upload_id=moved&gemini_edge_key_id=", moved.Headers.Location!.AbsoluteUri, StringComparison.Ordinal);
        Assert.Contains(expiry, moved.Headers.Location.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal(308, (int)(await PutAsync(edge, moved.Headers.Location, [], "bytes */5")).StatusCode);
        Assert.Equal("/upload/v1beta/files?uploadType=resumable&upload_id=moved", edge.Sandbox.Requests[^1].Target);
    }

    [Theory]
    [InlineData("POST", "/v1beta/cachedContents", 201)]
    [InlineData("POST", "/v1beta/models/m:predict", 200)]
    [InlineData("GET", "/v1beta/models", 200)]
    [InlineData("POST", "/upload/v1beta/files", 201)]
    public async Task Location_OfWhatWasMade_IsNotPassedOn(string method, string target, int status)
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Sandbox.OnRequest = async context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = $"{edge.Sandbox.BaseUrl}v1beta/files/made";
            await context.Response.WriteAsync("{}");
            return true;
        };

        var answer = await edge.SendAsync(method, target, method == "GET" ? null : "{}");

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Null(answer.Headers.Location);
    }

    [Fact]
    public async Task ContentRange_OfAnythingButAnUpload_DoesNotGoUp()
    {
        await using var edge = await EdgeHost.StartAsync();
        using var body = new StringContent(EdgeHost.Contents("Say hello"), Encoding.UTF8, "application/json");
        body.Headers.TryAddWithoutValidation("Content-Range", "bytes 0-1/5");

        await edge.Client.PostAsync("/v1beta/models/gemini-flash-latest:generateContent", body, TestContext.Current.CancellationToken);

        Assert.False(Assert.Single(edge.Sandbox.Requests).Headers.ContainsKey("Content-Range"));
    }

    private static Task<EdgeHost> EdgeAsync(TimeProvider? time = null) => EdgeHost.StartAsync(new EdgeSetup
    {
        Time = time ?? TimeProvider.System,
        Settings = { ["GEMINI_EDGE_CLIENT_KEYS"] = CallerKey },
    });

    private static Task<HttpResponseMessage> StartAsync(EdgeHost edge, string query = "", Action<HttpRequestMessage>? change = null) =>
        edge.PostAsync("/upload/v1beta/files?uploadType=resumable&alt=json" + query, "{\"file\":{\"displayName\":\"note\"}}", request =>
        {
            request.Headers.Add("x-goog-api-key", CallerKey);
            request.Headers.Add("X-Upload-Content-Type", "text/plain");
            request.Headers.Add("X-Upload-Content-Length", $"{Piece + 5}");
            change?.Invoke(request);
        });

    private static Task<HttpResponseMessage> PutAsync(EdgeHost edge, Uri url, byte[] bytes, string range)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, url) { Content = new ByteArrayContent(bytes) };
        request.Content.Headers.TryAddWithoutValidation("Content-Range", range);
        return edge.Client.SendAsync(request);
    }
}
