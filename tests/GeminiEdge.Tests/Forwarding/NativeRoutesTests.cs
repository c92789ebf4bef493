using System.Net.Http.Headers;
using System.Text;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

public class NativeRoutesTests
{
    private const string Json = "application/json";
    private const string Model = "/v1beta/models/gemini-flash-latest";
    private const string Embedder = "/v1beta/models/gemini-embedding-001";
    private const string Hello = """{"contents":[{"parts":[{"text":"Größe?"}]}]}""";
    private const string Chat = """{"model":"gemini-flash-latest","messages":[{"role":"user","content":"Hi"}]""";

    public static TheoryData<string, string, string?, int> Requests => new()
    {
        { "POST", $"{Model}:generateContent", Hello, 200 },
        { "POST", "/v1/models/gemini-flash-latest:generateContent", Hello, 200 },
        { "POST", "/v1alpha/models/gemini-flash-latest:generateContent?%24alt=json&prettyPrint=false", Hello, 200 },
        { "POST", $"{Model}:streamGenerateContent", Hello, 200 },
        { "POST", $"{Model}:streamGenerateContent?alt=sse", Hello, 200 },
        { "POST", $"{Model}:streamGenerateContent?%24alt=sse", Hello, 200 },
        { "POST", $"{Model}:countTokens", Hello, 200 },
        { "POST", $"{Embedder}:embedContent", """{"content":{"parts":[{"text":"a"}]}}""", 200 },
        { "POST", $"{Embedder}:batchEmbedContents", """{"requests":[{"content":{"parts":[{"text":"a"}]}}]}""", 200 },
        { "GET", "/v1beta/models?pageSize=2&pageToken=", null, 200 },
        { "GET", Model, null, 200 },
        { "GET", "/v1beta/files?pageSize=10", null, 200 },
        { "GET", "/v1beta/cachedContents", null, 200 },
        { "POST", "/v1beta/openai/chat/completions", Chat + "}", 200 },
        { "POST", "/v1beta/openai/chat/completions", Chat + ""","stream":true,"stream_options":{"include_usage":true}}""", 200 },
        { "POST", "/v1beta/openai/embeddings", """{"model":"gemini-embedding-001","input":["a","b"],"encoding_format":"base64"}""", 200 },
        { "GET", "/v1beta/openai/models", null, 200 },
        { "GET", "/v1beta/openai/models/gemini-flash-latest", null, 200 },
        { "POST", "/v1beta/models/none:generateContent", Hello, 404 },
        { "POST", "/v1beta/models/none:streamGenerateContent?alt=sse", Hello, 404 },
        { "POST", "/v1beta/models/none:streamGenerateContent", Hello, 404 },
        { "POST", "/v1beta/openai/chat/completions", """{"model":"none","messages":[{"role":"user","content":"Hi"}]}""", 404 },
        { "POST", $"{Model}:generateContent", "{not json", 400 },
        { "POST", $"{Model}:generateContent", null, 400 },
        { "GET", "/v1beta/nothing%20here/at~all", null, 404 },
        { "HEAD", Model, null, 404 },
        { "DELETE", "/v1beta/models/tuned", """{"with":"a body"}""", 404 },
        { "PUT", "/v1beta/anything", "{}", 404 },
        { "OPTIONS", "/v1beta/models", null, 404 },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Native_AnyRequest_PassesBothWaysUnchanged(string method, string target, string? body, int status)
    {
        await using var edge = await EdgeHost.StartAsync();

        var response = await SendAsync(edge, method, target, body);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Single(edge.Sandbox.Requests);
    }

    [Fact]
    public async Task CachedContents_WholeLife_PassesBothWaysUnchanged()
    {
        await using var edge = await EdgeHost.StartAsync();
        var created = await SendAsync(edge, "POST", "/v1beta/cachedContents", """{"model":"models/gemini-flash-latest","contents":[{"parts":[{"text":"long"}]}],"ttl":"600s"}""");
        var path = "/v1beta/" + (await EdgeHost.JsonAsync(created))["name"]!.GetValue<string>();

        foreach (var (method, body, status) in new[] { ("GET", null, 200), ("PATCH", """{"ttl":"1200s"}""", 200), ("DELETE", null, 200), ("GET", null, 403) })
        {
            Assert.Equal(status, (int)(await SendAsync(edge, method, path, body, isLast: status == 200)).StatusCode);
        }
    }

    [Fact]
    public async Task Files_WholeLife_PassesBothWaysUnchanged()
    {
        await using var edge = await EdgeHost.StartAsync();
        var uploaded = await Uploading.SendWholeAsync(edge, "hello");
        var path = "/v1beta/" + (await EdgeHost.JsonAsync(uploaded))["file"]!["name"]!.GetValue<string>();

        foreach (var (method, target, status) in new[] { ("GET", path, 200), ("GET", "/v1beta/files", 200), ("DELETE", path, 200), ("GET", path, 403) })
        {
            Assert.Equal(status, (int)(await SendAsync(edge, method, target, null, isLast: status == 200)).StatusCode);
        }
    }

    [Fact]
    public async Task Native_UpstreamAnswersInItsOwnWay_PassesStatusHeadersAndBytes()
    {
        byte[] bytes = [.. Enumerable.Range(0, 100_000).Select(i => (byte)i)];
        await using var edge = await EdgeHost.StartAsync();
        edge.Sandbox.OnRequest = async context =>
        {
            context.Response.StatusCode = 206;
            context.Response.ContentType = "video/mp4";
            context.Response.Headers.ContentRange = "bytes 0-99999/200000";
            context.Response.Headers.ETag = "\"abc\"";
            context.Response.Headers.SetCookie = "NID=1";
            await context.Response.Body.WriteAsync(bytes);
            return true;
        };
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1beta/files/abc:download?alt=media");
        request.Headers.Range = new RangeHeaderValue(0, 99_999);

        var response = await edge.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(206, (int)response.StatusCode);
        Assert.Equal(("video/mp4", "bytes 0-99999/200000", "\"abc\""),
            (response.Content.Headers.ContentType!.ToString(), response.Content.Headers.ContentRange!.ToString(), response.Headers.ETag!.Tag));
        Assert.False(response.Headers.Contains("Set-Cookie"));
        Assert.Equal(bytes, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal("bytes=0-99999", edge.Sandbox.Requests[0].Headers["Range"]);
    }

    /// <summary>Sends it, and compares what the sandbox got and gave with what the client sent and got.</summary>
    private static async Task<HttpResponseMessage> SendAsync(EdgeHost edge, string method, string target, string? body, bool isLast = true)
    {
        AnswerTee? upstream = null;
        edge.Sandbox.OnRequest = context =>
        {
            upstream = upstream is null || isLast ? AnswerTee.Install(context) : upstream;
            return Task.FromResult(false);
        };
        var request = new HttpRequestMessage(HttpMethod.Parse(method), new Uri(edge.Url, target))
        {
            Content = body is null ? null : new StringContent(body, Encoding.UTF8, Json),
        };
        var response = await edge.Client.SendAsync(request, TestContext.Current.CancellationToken);

        var received = isLast ? edge.Sandbox.Requests[^1] : edge.Sandbox.Requests.First(r => r.Method == method && r.Target == target);
        Assert.Equal((method, target, body ?? ""), (received.Method, received.Target, Encoding.UTF8.GetString(received.Body.Span)));
        Assert.Equal(body is null ? null : "application/json; charset=utf-8", received.Headers.GetValueOrDefault("Content-Type").FirstOrDefault());
        Assert.Equal(method == "HEAD" ? [] : upstream!.Bytes, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(upstream!.Status, (int)response.StatusCode);
        Assert.Equal(upstream.ContentType, response.Content.Headers.ContentType?.ToString(), ignoreCase: true);
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        return response;
    }
}
