using System.Net;
using GeminiEdge.Configuration;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

public class UploadStartTests
{
    private const string CallerKey = "caller-key-of-the-edge";
    private static readonly string[] UrlHeaders = ["x-goog-upload-url", "x-goog-upload-control-url"];

    [Fact]
    public async Task Start_AnswersTheEdgesOwnUrlWithTheKeysId()
    {
        await using var edge = await EdgeHost.StartAsync();

        var response = await Uploading.StartAsync(edge);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("active", response.Header("x-goog-upload-status"));
        foreach (var header in UrlHeaders)
        {
            var url = response.Header(header);
            Assert.StartsWith($"http://{edge.Url.Authority}/upload/v1beta/files?upload_id=", url, StringComparison.Ordinal);
            Assert.Matches($@"&upload_protocol=resumable&gemini_edge_key_id={edge.Primary.Value[^4..]}&gemini_edge_expires=[0-9]+&gemini_edge_signature=[A-Za-z0-9_-]{{43}}$", url);
        }
    }

    [Fact]
    public async Task Start_UpstreamPutsCredentialsIntoTheUrl_StripsThem()
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Sandbox.OnRequest = context =>
        {
            foreach (var header in UrlHeaders)
            {
                context.Response.Headers[header] = $"https://upload.example/upload/v1beta/files?key={edge.Primary.Value}&upload_id=a%2Fb&access_token={edge.Primary.Value}&%24key=x";
            }

            return Task.FromResult(true);
        };

        var response = await Uploading.StartAsync(edge);

        Assert.All(UrlHeaders, header => Assert.Matches(
            $"^http://{edge.Url.Authority}/upload/v1beta/files\\?upload_id=a%2Fb&gemini_edge_key_id={edge.Primary.Value[^4..]}&gemini_edge_expires=[0-9]+&gemini_edge_signature=[^&]+$", response.Header(header)));
    }

    [Fact]
    public async Task Start_CallersKeyIsInTheQuery_ReachesNeitherUpstreamNorUrl()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_EDGE_CLIENT_KEYS"] = CallerKey } });

        var response = await Uploading.StartAsync(edge, $"?key={CallerKey}&alt=json");

        Assert.Equal("/upload/v1beta/files?alt=json", Assert.Single(edge.Sandbox.Requests).Target);
        Assert.StartsWith($"http://{edge.Url.Authority}/upload/v1beta/files?alt=json&upload_id=", response.Header("x-goog-upload-url"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Hosting.Standalone, "https://edge.example/", "https", "other.example", "https://edge.example")]
    [InlineData(Hosting.CustomHandler, "https://edge.example", "https", "other.example", "https://edge.example")]
    [InlineData(Hosting.CustomHandler, null, "https", "app.example", "https://app.example")]
    [InlineData(Hosting.CustomHandler, null, "http", "localhost:7071", "http://localhost:7071")]
    [InlineData(Hosting.CustomHandler, null, null, "app.example", "https://app.example")]
    [InlineData(Hosting.CustomHandler, null, null, null, null)]
    [InlineData(Hosting.Standalone, null, "https", "evil.example", null)]
    public async Task Start_PublicOrigin_IsTheSettingThenTheHostsThenTheRequests(Hosting hosting, string? setting, string? scheme, string? host, string? origin)
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup
        {
            Hosting = hosting,
            Settings = { ["GEMINI_EDGE_CLIENT_KEYS"] = CallerKey, ["GEMINI_EDGE_PUBLIC_URL"] = setting },
        });

        var response = await Uploading.StartAsync(edge, change: request =>
        {
            request.Headers.Add("x-goog-api-key", CallerKey);
            if (scheme is not null)
            {
                request.Headers.Add("X-Forwarded-Proto", scheme);
            }

            if (host is not null)
            {
                request.Headers.Add("X-Forwarded-Host", host);
            }
        });

        Assert.StartsWith($"{origin ?? $"http://{edge.Url.Authority}"}/upload/v1beta/files?", response.Header("x-goog-upload-url"), StringComparison.Ordinal);
    }

    // As UTF-8 stands on the wire: bücher.example, and what no name of a host has.
    [Theory]
    [InlineData("b\u00c3\u00bccher.example", "https://xn--bcher-kva.example")]
    [InlineData("\u00e6\u00bc\u00a2", "https://xn--hex")]
    [InlineData("app.example\"><script>", null)]
    [InlineData("app.example/path", null)]
    public async Task Start_ForwardedHostIsNoPlainAscii_IsWrittenAsAddressesAreOrLeftOut(string host, string? origin)
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Hosting = Hosting.CustomHandler, Settings = { ["GEMINI_EDGE_CLIENT_KEYS"] = CallerKey } });
        const string Body = """{"file":{"displayName":"x"}}""";

        var answer = await RawHttp.ExchangeAsync(edge, RawHttp.Head(edge, "POST", "/upload/v1beta/files", $"x-goog-api-key: {CallerKey}", $"X-Forwarded-Host: {host}",
            "X-Goog-Upload-Protocol: resumable", "X-Goog-Upload-Command: start", $"Content-Length: {Body.Length}") + "\r\n" + Body);

        Assert.Equal(200, answer.Status);
        Assert.StartsWith($"{origin ?? $"http://{edge.Url.Authority}"}/upload/v1beta/files?", answer.Header("x-goog-upload-url"), StringComparison.Ordinal);
        Assert.DoesNotContain(edge.Sandbox.BaseUrl.Authority, answer.Head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_PrimaryIsDead_FailsOverAndNamesTheOtherKey()
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Primary.State = SandboxKeyState.Invalid;

        var url = await Uploading.UrlAsync(edge);
        var done = await Uploading.ContinueAsync(edge, url, "upload, finalize", new StringContent("hello"), 0);

        Assert.Contains($"&gemini_edge_key_id={edge.Secondary.Value[^4..]}&", url.Query, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "final"), (done.StatusCode, done.Header("x-goog-upload-status")));
        Assert.Equal([edge.Primary.Value, edge.Secondary.Value, edge.Secondary.Value], edge.Sandbox.Requests.Select(request => request.Key));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whole_InOneRequest_IsAFile(bool chunked)
    {
        await using var edge = await EdgeHost.StartAsync();

        var response = await Uploading.SendWholeAsync(edge, "hello", chunked);

        Assert.Equal("5", (await EdgeHost.JsonAsync(response))["file"]!["sizeBytes"]!.GetValue<string>());
        Assert.StartsWith("multipart/related; boundary=", edge.Sandbox.Requests[0].Headers["Content-Type"].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whole_PrimaryIsDead_FailsOverIfTheBodyIsBufferedAndSaysSoIfNot()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GeminiEdge:BodyLimit"] = "2000" } });
        edge.Primary.State = SandboxKeyState.Forbidden;

        var small = await Uploading.SendWholeAsync(edge, "hello");
        var large = await Uploading.SendWholeAsync(edge, new string('x', 3_000));

        Assert.Equal((HttpStatusCode.OK, "2"), (small.StatusCode, small.Header("x-gemini-edge-attempts")));
        Assert.Equal((HttpStatusCode.Forbidden, "1"), (large.StatusCode, large.Header("x-gemini-edge-attempts")));
        edge.Primary.State = SandboxKeyState.Working;
        var again = await Uploading.SendWholeAsync(edge, new string('x', 3_000));
        Assert.Equal("3000", (await EdgeHost.JsonAsync(again))["file"]!["sizeBytes"]!.GetValue<string>());
    }
}
