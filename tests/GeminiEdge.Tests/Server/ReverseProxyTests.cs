using System.Net;
using System.Text;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Functions;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Server;

/// <summary>
/// Behind nginx with nothing but <c>proxy_pass</c> a stranger looks like a caller on this machine: the address is a loopback's,
/// so is the Host, and no header tells of the proxy.
/// </summary>
public class ReverseProxyTests
{
    private const string ClientKey = "a-client-key-of-this-test";
    private const string Native = "/v1beta/models/gemini-flash-latest:generateContent";

    [Fact]
    public async Task NoKeysForCallers_NobodyGetsInThroughTheProxyNorWithoutIt()
    {
        await using var gemini = await GeminiSandbox.StartAsync();
        await using var edge = await StartAsync(gemini, clientKeys: "");
        await using var nginx = await Nginx.StartAsync(edge.Url);

        foreach (var url in new[] { nginx.Url, edge.Url })
        {
            foreach (var target in new[] { Native, "/api/generate", "/api/admin/probe", "/api/admin/refresh", "/v1beta/openai/chat/completions" })
            {
                using var answer = await PostAsync(url, target);
                Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
                Assert.Contains("GEMINI_EDGE_", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }

        Assert.Empty(gemini.Requests);
    }

    [Fact]
    public async Task KeysForCallersAlone_AdminRoutesAreClosedAndOthersAskForTheKey()
    {
        await using var gemini = await GeminiSandbox.StartAsync();
        await using var edge = await StartAsync(gemini, ClientKey);
        await using var nginx = await Nginx.StartAsync(edge.Url);

        foreach (var target in new[] { "/api/admin/probe", "/api/admin/refresh" })
        {
            using var stranger = await PostAsync(nginx.Url, target);
            using var client = await PostAsync(nginx.Url, target, ClientKey);
            Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (stranger.StatusCode, client.StatusCode));
        }

        using var without = await PostAsync(nginx.Url, Native);
        using var with = await PostAsync(nginx.Url, Native, ClientKey);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (without.StatusCode, with.StatusCode));
        Assert.Single(gemini.Requests);
    }

    // The lines of docs/operations.md, with this edge's address.
    [Fact]
    public async Task PageOfAnotherSite_AsksThroughTheNginxOfTheDocs_MayReadTheAnswer()
    {
        await using var gemini = await GeminiSandbox.StartAsync();
        await using var edge = await StartAsync(gemini, ClientKey);
        var location = Repository.Read("docs", "operations.md").Split("```nginx\n")[1].Split("```")[0].Replace("http://127.0.0.1:7071", edge.Url.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal);
        await using var nginx = await Nginx.StartAsync(edge.Url, location);
        using var client = new HttpClient();

        using var ask = new HttpRequestMessage(HttpMethod.Options, new Uri(nginx.Url, Native)) { Headers = { { "origin", "https://app.example.com" }, { "access-control-request-method", "POST" } } };
        using var may = await client.SendAsync(ask, TestContext.Current.CancellationToken);
        using var answer = await PostAsync(nginx.Url, Native, ClientKey);
        using var stranger = await PostAsync(nginx.Url, Native);

        Assert.Equal(HttpStatusCode.NoContent, may.StatusCode);
        Assert.Contains("x-goog-api-key", may.Headers.GetValues("access-control-allow-headers").Single(), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (answer.StatusCode, stranger.StatusCode));
        Assert.All([may, answer, stranger], one => Assert.Equal("https://app.example.com", one.Headers.GetValues("access-control-allow-origin").Single()));
    }

    private static async Task<ShellEdge> StartAsync(GeminiSandbox gemini, string clientKeys) => await ShellEdge.StartAsync(
        "",
        ">/dev/null 2>/dev/null",
        ("ASPNETCORE_ENVIRONMENT", "Production"),
        ("GEMINI_BASE_URL", gemini.BaseUrl.ToString()),
        ("GEMINI_API_KEY_PRIMARY", gemini.AddKey().Value),
        ("GEMINI_EDGE_CLIENT_KEYS", clientKeys));

    private static async Task<HttpResponseMessage> PostAsync(Uri url, string target, string? key = null)
    {
        using var client = new HttpClient();
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(url, target)) { Content = new StringContent(EdgeHost.Contents("Say hello"), Encoding.UTF8, "application/json") };
        if (key is not null)
        {
            request.Headers.Add("x-goog-api-key", key);
        }

        return await client.SendAsync(request);
    }
}
