using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Endpoints;

public class RequestIdTests
{
    private const string CallerKey = "caller-key-0123456789";

    [Theory]
    [InlineData("a")]
    [InlineData("0af76519-16cd-43dd_8448.eb21:1c80319c")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public async Task RequestId_IsValid_IsKeptInAnswerErrorAndLog(string id)
    {
        await using var edge = await EdgeHost.StartAsync();

        var answer = await RawHttp.SendAsync(edge, "GET", "/v1beta/models", $"x-request-id: {id}");
        var error = await RawHttp.SendAsync(edge, "GET", "/api/nothing", $"X-Request-ID: {id}");

        Assert.Equal(id, answer.Header("x-request-id"));
        EdgeErrors.AssertProblem(error, 404, "not_found");
        Assert.Equal(id, error.Header("x-request-id"));
        Assert.Equal(id, (await edge.Log.WaitForAsync("gemini_ok"))["request_id"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("x-request-id:")]
    [InlineData("x-request-id: a b")]
    [InlineData("x-request-id: a\"b")]
    [InlineData("x-request-id: <script>")]
    [InlineData("x-request-id: a,b")]
    [InlineData("x-request-id: 01234567890123456789012345678901234567890123456789012345678901234")]
    [InlineData("x-request-id: a\r\nx-request-id: b")]
    [InlineData("x-request-id: caf\u00c3\u00a9")]
    [InlineData("x-request-id: " + CallerKey)]
    public async Task RequestId_IsNotValid_IsReplaced(string header)
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_EDGE_CLIENT_KEYS"] = CallerKey } });

        var answer = await RawHttp.SendAsync(edge, "GET", "/v1beta/models", header, "x-goog-api-key: " + CallerKey);

        Assert.Equal(200, answer.Status);
        Assert.Matches("^[0-9a-f]{32}$", answer.Header("x-request-id"));
    }

    [Fact]
    public async Task RequestId_HoldsAPieceOfAnUpstreamKey_IsReplaced()
    {
        await using var edge = await EdgeHost.StartAsync();

        var answer = await RawHttp.SendAsync(edge, "GET", "/v1beta/models", $"x-request-id: run-{edge.Secondary.Value[5..13]}-1");

        Assert.Matches("^[0-9a-f]{32}$", answer.Header("x-request-id"));
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/api/health")]
    [InlineData("POST", "/api/admin/refresh")]
    [InlineData("POST", "/api/admin/probe")]
    [InlineData("GET", "/v1beta/models")]
    [InlineData("GET", "/v1beta/models/none")]
    [InlineData("GET", "//")]
    [InlineData("DELETE", "/api/generate")]
    public async Task RequestId_NoneIsSent_EveryAnswerHasOne(string method, string target)
    {
        await using var edge = await EdgeHost.StartAsync();

        var answer = await RawHttp.SendAsync(edge, method, target, "Content-Length: 0");

        Assert.Matches("^[0-9a-f]{32}$", answer.Header("x-request-id"));
    }

    [Fact]
    public async Task RequestId_IsMadeForEachRequest_NoTwoAreAlike()
    {
        await using var edge = await EdgeHost.StartAsync();

        var ids = new List<string?>();
        for (var request = 0; request < 20; request++)
        {
            ids.Add((await RawHttp.SendAsync(edge, "GET", "/api/health")).Header("x-request-id"));
        }

        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public async Task Answer_UpstreamSendsTheEdgesOwnHeaders_AreTheEdges()
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Sandbox.OnRequest = context =>
        {
            context.Response.Headers["x-request-id"] = "google";
            context.Response.Headers["x-gemini-edge-key-id"] = "fake";
            context.Response.Headers["x-gemini-edge-attempts"] = "99";
            return Task.FromResult(false);
        };

        var answer = await RawHttp.SendAsync(edge, "GET", "/v1beta/models", "x-request-id: mine");

        Assert.Equal(("mine", edge.Primary.Value[^4..], "1"),
            (answer.Header("x-request-id"), answer.Header("x-gemini-edge-key-id"), answer.Header("x-gemini-edge-attempts")));
    }
}
