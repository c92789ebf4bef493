using System.Net;
using System.Net.Http.Headers;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>A file goes out as it came in, whether its client follows the upstream's path for it or reads that path directly.</summary>
public class DownloadTests
{
    private const string CallerKey = "caller-key-of-the-edge";

    public static TheoryData<string> Addresses => ["/v1beta/{0}:download?alt=media", "/download/v1beta/{0}:download?alt=media"];

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task Download_OfAFile_AnswersItsBytesAndNothingOfTheCallersGoesUp(string address)
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_EDGE_CLIENT_KEYS"] = CallerKey } });
        var name = await UploadAsync(edge);
        edge.Sandbox.ClearRequests();

        var answer = await edge.Client.SendAsync(Get(address, name), TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, "text/plain"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal("hello", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.All(edge.Sandbox.Requests, request =>
        {
            Assert.Equal((edge.Primary.Value, 1), (request.Key, request.CredentialCount));
            Assert.DoesNotContain(request.Headers, header => header.Value.ToString().Contains(CallerKey, StringComparison.Ordinal));
        });
        Assert.Equal($"/download/v1beta/{name}:download?alt=media", edge.Sandbox.Requests[^1].Target);
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task Download_WithoutAKeyOfTheEdge_Is401(string address)
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_EDGE_CLIENT_KEYS"] = CallerKey } });

        await EdgeErrors.AssertGoogleAsync(await edge.GetAsync(string.Format(null, address, "files/x")), 401, "unauthorized");

        Assert.Empty(edge.Sandbox.Requests);
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task Download_PrimaryIsDead_IsAnsweredWithSecondary(string address)
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Primary.State = SandboxKeyState.Forbidden;
        var name = await UploadAsync(edge);
        edge.Primary.State = SandboxKeyState.Invalid;

        for (var i = 0; i < 2; i++)
        {
            var answer = await edge.Client.SendAsync(Get(address, name), TestContext.Current.CancellationToken);

            Assert.Equal((HttpStatusCode.OK, "hello"), (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        }
    }

    // Nobody has told this edge whose file it is: the key that does not own it is told so, and the next one is asked.
    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task Download_OnAnInstanceThatKnowsNoOwner_IsFoundAndRemembered(string address)
    {
        await using var maker = await EdgeHost.StartAsync();
        maker.Primary.State = SandboxKeyState.Forbidden;
        var name = await UploadAsync(maker);
        maker.Primary.State = SandboxKeyState.Working;
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup
        {
            Keys = 0,
            Settings =
            {
                ["GEMINI_BASE_URL"] = maker.Sandbox.BaseUrl.ToString(),
                ["GEMINI_API_KEY_PRIMARY"] = maker.Primary.Value,
                ["GEMINI_API_KEY_SECONDARY"] = maker.Secondary.Value,
            },
        });

        foreach (var attempts in new[] { "2", "1" })
        {
            var answer = await edge.Client.SendAsync(Get(address, name), TestContext.Current.CancellationToken);

            Assert.Equal((HttpStatusCode.OK, attempts), (answer.StatusCode, answer.Header("x-gemini-edge-attempts")));
            Assert.Equal("hello", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task Download_OfARange_AnswersThatRange(string address)
    {
        await using var edge = await EdgeHost.StartAsync();
        var request = Get(address, await UploadAsync(edge));
        request.Headers.Range = new RangeHeaderValue(1, 3);

        var answer = await edge.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.PartialContent, "ell"), (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        Assert.Equal("bytes 1-3/5", answer.Content.Headers.ContentRange!.ToString());
    }

    [Fact]
    public async Task Download_Head_AnswersItsLength()
    {
        await using var edge = await EdgeHost.StartAsync();
        var name = await UploadAsync(edge);

        var answer = await edge.SendAsync("HEAD", $"/v1beta/{name}:download?alt=media");

        Assert.Equal((HttpStatusCode.OK, 5), (answer.StatusCode, answer.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task Download_IsRedirected_LogsItsHops()
    {
        await using var edge = await EdgeHost.StartAsync();
        var name = await UploadAsync(edge);

        await (await edge.GetAsync($"/v1beta/{name}:download?alt=media")).ReadAllAsync();
        await (await edge.GetAsync($"/download/v1beta/{name}:download?alt=media")).ReadAllAsync();

        var lines = await edge.Log.WaitForAsync("gemini_ok", 2, line => (string?)line["method"] == "download");
        Assert.Equal([1, null], lines.Select(line => (int?)line["hops"]));
    }

    private static HttpRequestMessage Get(string address, string name)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, string.Format(null, address, name));
        request.Headers.Add("x-goog-api-key", CallerKey);
        return request;
    }

    private static async Task<string> UploadAsync(EdgeHost edge)
    {
        edge.Client.DefaultRequestHeaders.Add("x-goog-api-key", CallerKey);
        var name = (await EdgeHost.JsonAsync(await Uploading.SendWholeAsync(edge, "hello")))["file"]!["name"]!.GetValue<string>();
        edge.Client.DefaultRequestHeaders.Clear();
        return name;
    }
}
