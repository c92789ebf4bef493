using System.Net;
using GeminiEdge.Endpoints;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Endpoints;

public class ErrorShapeTests
{
    [Fact]
    public void Codes_AndTheirStatuses_AreAPublicInterface() => Assert.Equal(
        [
            "all_keys_failed 502 UNAVAILABLE", "body_too_large 413 INVALID_ARGUMENT", "deadline_exceeded 504 DEADLINE_EXCEEDED", "edge_stopped 503 UNAVAILABLE",
            "internal_error 500 INTERNAL", "invalid_configuration 503 UNAVAILABLE", "invalid_request 400 INVALID_ARGUMENT",
            "live_not_supported 404 UNIMPLEMENTED", "method_not_allowed 405 INVALID_ARGUMENT", "no_keys_configured 503 UNAVAILABLE",
            "not_found 404 NOT_FOUND", "outcome_unknown 504 DEADLINE_EXCEEDED", "overloaded 503 UNAVAILABLE",
            "request_timeout 408 DEADLINE_EXCEEDED", "too_many_pages 503 UNAVAILABLE", "unauthorized 401 UNAUTHENTICATED", "unsupported_media_type 415 INVALID_ARGUMENT",
            "upload_not_found 404 NOT_FOUND", "upstream_cut 502 UNAVAILABLE", "upstream_unreachable 503 UNAVAILABLE",
            "vault_unreachable 503 UNAVAILABLE",
        ],
        EndpointErrors.All.Select(error => $"{error.Code} {error.Status} {error.GoogleStatus}").Order(StringComparer.Ordinal));

    [Fact]
    public async Task NotFound_UnderApiAndElsewhere_HasTheShapeOfItsRoute()
    {
        await using var edge = await EdgeHost.StartAsync();

        await EdgeErrors.AssertProblemAsync(await edge.GetAsync("/api/nothing"), 404, "not_found");
        await EdgeErrors.AssertProblemAsync(await edge.GetAsync("/api/admin/nothing"), 404, "not_found");
        await EdgeErrors.AssertGoogleAsync(await edge.GetAsync("/nothing"), 404, "not_found");
        await EdgeErrors.AssertGoogleAsync(await edge.GetAsync("/v2/models"), 404, "not_found");
        Assert.Empty(edge.Sandbox.Requests);
    }

    [Fact]
    public async Task Unauthorized_UnderApiAndElsewhere_HasTheShapeOfItsRoute()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_EDGE_CLIENT_KEYS"] = "caller-key-0123456789" } });

        await EdgeErrors.AssertProblemAsync(await edge.GenerateAsync(), 401, "unauthorized");
        await EdgeErrors.AssertGoogleAsync(await edge.NativeAsync(), 401, "unauthorized");
    }

    [Theory]
    [InlineData("GET", "/api/generate", "POST")]
    [InlineData("PUT", "/api/generate", "POST")]
    [InlineData("OPTIONS", "/api/generate", "POST")]
    [InlineData("NONSENSE", "/api/generate", "POST")]
    [InlineData("GET", "/api/admin/refresh", "POST")]
    [InlineData("HEAD", "/api/admin/probe", "POST")]
    [InlineData("POST", "/api/health", "GET, HEAD")]
    [InlineData("POST", "/api/status", "GET, HEAD")]
    [InlineData("POST", "/api/admin/status", "GET, HEAD")]
    [InlineData("HEAD", "/api/admin/status/events", "GET")]
    [InlineData("DELETE", "/", "GET, HEAD")]
    public async Task Method_RouteDoesNotTakeIt_Is405WithAllow(string method, string path, string allow)
    {
        await using var edge = await EdgeHost.StartAsync();

        var response = await edge.SendAsync(method, path);

        Assert.Equal(allow, string.Join(", ", response.Content.Headers.Allow));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        if (method != "HEAD")
        {
            await (path == "/" ? EdgeErrors.AssertGoogleAsync(response, 405, "method_not_allowed") : EdgeErrors.AssertProblemAsync(response, 405, "method_not_allowed"));
        }
    }

    // TRACE has a server send back what it received, the key with it.
    [Theory]
    [InlineData("TRACE")]
    [InlineData("trace")]
    public async Task Trace_OnANativeRoute_Is405AndNeverReachesTheUpstream(string method)
    {
        await using var edge = await EdgeHost.StartAsync();

        EdgeErrors.AssertGoogle(await RawHttp.SendAsync(edge, method, "/v1beta/models"), 405, "method_not_allowed");

        Assert.Empty(edge.Sandbox.Requests);
    }

    [Theory]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    [InlineData("OPTIONS")]
    [InlineData("PROPFIND")]
    public async Task Method_OnANativeRoute_ReachesTheUpstreamAsItIs(string method)
    {
        await using var edge = await EdgeHost.StartAsync();

        await RawHttp.SendAsync(edge, method, "/v1beta/files/x");

        Assert.Equal(method, edge.Sandbox.Requests[0].Method);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/jsonp")]
    [InlineData("nonsense")]
    public async Task Generate_ContentTypeIsNotJson_Is415(string contentType)
    {
        await using var edge = await EdgeHost.StartAsync();

        await EdgeErrors.AssertProblemAsync(await edge.SendAsync("POST", "/api/generate", """{"prompt":"x"}""", contentType), 415, "unsupported_media_type");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON; charset=utf-8")]
    [InlineData("application/vnd.x+json")]
    [InlineData(null)]
    public async Task Generate_ContentTypeIsJsonOrNone_IsAnswered(string? contentType)
    {
        await using var edge = await EdgeHost.StartAsync();

        Assert.Equal(HttpStatusCode.OK, (await edge.SendAsync("POST", "/api/generate", """{"prompt":"x"}""", contentType)).StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/api/health")]
    [InlineData("/api/nothing")]
    [InlineData("/nothing")]
    [InlineData("/v1beta//models")]
    public async Task Head_OfAnything_AnswersAsGetDoesWithoutABody(string path)
    {
        await using var edge = await EdgeHost.StartAsync();

        var get = await RawHttp.SendAsync(edge, "GET", path);
        var head = await RawHttp.SendAsync(edge, "HEAD", path);

        Assert.True(head.IsWhole);
        Assert.Equal((get.Status, ""), (head.Status, head.Body));
        Assert.Equal(get.Header("Content-Type"), head.Header("Content-Type"));
        Assert.NotNull(head.Header("x-request-id"));
    }

    [Fact]
    public async Task Head_AllKeysFailed_Is502WithoutABody()
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Primary.State = edge.Secondary.State = SandboxKeyState.InvalidAuthKey;

        var answer = await RawHttp.SendAsync(edge, "HEAD", "/v1beta/models");

        Assert.Equal((502, "", "2"), (answer.Status, answer.Body, answer.Header("x-gemini-edge-attempts")));
    }
}
