using System.IO.Compression;
using System.Net;
using System.Text;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Endpoints;

public class UpstreamFaultTests
{
    public static TheoryData<int, string, string, string> UselessAnswers => new()
    {
        { 200, "application/json", "nonsense", "upstream_error" },
        { 200, "text/html", "<html>Sign in to the hotel's network</html>", "upstream_error" },
        { 200, "application/json", "", "upstream_error" },
        { 200, "application/json", "{\"candidates\":[{\"content\":", "upstream_error" },
        { 200, "application/json", "null", "upstream_error" },
        { 200, "application/json", "\u0000\u00ff\u00fe", "upstream_error" },
        { 200, "text/event-stream", "data: nonsense\n\n", "upstream_error" },
        { 204, "", "", "upstream_error" },
        { 301, "text/html", "moved", "upstream_error" },
        { 500, "text/html", "<html>500</html>", "upstream_error" },
        { 502, "", "", "upstream_error" },
        { 503, "application/json", "{\"error\":", "overloaded" },
        { 599, "application/json", "{}", "upstream_error" },
    };

    [Theory]
    [MemberData(nameof(UselessAnswers))]
    public async Task Upstream_AnswersUselessly_EveryKeyIsTriedAndTheCallerTold(int status, string contentType, string body, string verdict)
    {
        await using var edge = await EdgeHost.StartAsync();
        Say(edge, status, contentType, body);

        var problem = await EdgeErrors.AssertProblemAsync(await edge.GenerateAsync(), 502, "all_keys_failed");
        var native = await EdgeErrors.AssertGoogleAsync(await edge.NativeAsync(), 502, "all_keys_failed");

        var attempts = new[] { problem["attempts"]!.AsArray(), EdgeErrors.Attempts(native) };
        Assert.All(attempts, list => Assert.Equal(["PRIMARY", "SECONDARY"], list.Select(attempt => attempt!["slot"]!.GetValue<string>())));
        Assert.All(attempts.SelectMany(list => list), attempt => Assert.Equal((status, verdict, false),
            (attempt!["status"]!.GetValue<int>(), attempt["verdict"]!.GetValue<string>(), attempt["skipped"]!.GetValue<bool>())));
        Assert.Equal(4, edge.Sandbox.Requests.Count);
    }

    [Fact]
    public async Task Upstream_OneKeyGetsGarbage_TheOtherAnswers()
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Sandbox.OnRequest = async context =>
        {
            var isPrimary = context.Request.Headers["x-goog-api-key"] == edge.Primary.Value;
            await (isPrimary ? context.Response.WriteAsync("<html>") : Task.CompletedTask);
            return isPrimary;
        };

        Assert.Equal(HttpStatusCode.OK, (await edge.GenerateAsync()).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await edge.NativeAsync()).StatusCode);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Upstream_Redirects_IsNeverFollowed(int status)
    {
        await using var edge = await EdgeHost.StartAsync();
        await using var elsewhere = RawUpstream.Saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        edge.Sandbox.OnRequest = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = elsewhere.Url + "/v1beta/models";
            return Task.FromResult(true);
        };

        await EdgeErrors.AssertProblemAsync(await edge.GenerateAsync(), 502, "all_keys_failed");
        await edge.GetAsync("/v1beta/models");

        Assert.Equal(0, elsewhere.Connections);
    }

    [Fact]
    public async Task Upstream_CompressesAnAnswerNobodyAskedItTo_IsAFailureWhereItMustBeRead()
    {
        await using var edge = await EdgeHost.StartAsync();
        SayCompressed(edge, 200, """{"candidates":[]}""");

        await EdgeErrors.AssertProblemAsync(await edge.GenerateAsync(), 502, "all_keys_failed");
        var list = await edge.GetAsync("/v1beta/models");

        Assert.Equal((HttpStatusCode.OK, "gzip"), (list.StatusCode, list.Content.Headers.ContentEncoding.Single()));
    }

    [Fact]
    public async Task Upstream_CompressesAnErrorThatHoldsTheKey_ItIsNotPassedOn()
    {
        await using var edge = await EdgeHost.StartAsync();
        SayCompressed(edge, 400, $"no such key: {edge.Primary.Value}");

        var response = await edge.NativeAsync();

        Assert.Empty(response.Content.Headers.ContentEncoding);
        await EdgeErrors.AssertGoogleAsync(response, 400, "upstream_rejected");
    }

    [Fact]
    public async Task Upstream_RejectsTheRequest_KeepsItsStatusAndBodyAfterOneAttempt()
    {
        await using var edge = await EdgeHost.StartAsync();
        const string Error = """{ "error" : {"code":400,"message":"Unknown name \"x\"","status":"INVALID_ARGUMENT"} }""";
        Say(edge, 400, "application/json; charset=UTF-8", Error);

        var problem = await EdgeErrors.AssertProblemAsync(await edge.GenerateAsync(), 400, "upstream_rejected");
        var native = await edge.NativeAsync();

        Assert.Equal(("Unknown name \"x\"", "INVALID_ARGUMENT", "caller_error"),
            (problem["detail"]!.GetValue<string>(), problem["google_status"]!.GetValue<string>(), problem["verdict"]!.GetValue<string>()));
        Assert.Equal((HttpStatusCode.BadRequest, "1", Error),
            (native.StatusCode, native.Headers.GetValues("x-gemini-edge-attempts").Single(), await native.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
        Assert.Equal(2, edge.Sandbox.Requests.Count);
    }

    [Fact]
    public async Task Upstream_SilentPastTheDeadline_Is504()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup
        {
            Settings = { ["GeminiEdge:Deadline"] = "00:00:00.3", ["GeminiEdge:Reserve"] = "00:00:00.1", ["GeminiEdge:ConnectTimeout"] = "00:00:00.2" },
        });
        edge.Primary.State = edge.Secondary.State = SandboxKeyState.Silent;

        await EdgeErrors.AssertProblemAsync(await edge.GenerateAsync(), 504, "deadline_exceeded");
        await EdgeErrors.AssertGoogleAsync(await edge.NativeAsync(), 504, "deadline_exceeded");
    }

    [Fact]
    public async Task Upstream_ResetsWhatMustNotBeDoneTwice_Is504AfterOneAttempt()
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Sandbox.OnRequest = context =>
        {
            context.Abort();
            return Task.FromResult(true);
        };

        var response = await edge.PostAsync("/v1beta/models/veo:predictLongRunning", "{}");

        Assert.Equal("1", response.Headers.GetValues("x-gemini-edge-attempts").Single());
        await EdgeErrors.AssertGoogleAsync(response, 504, "outcome_unknown");
    }

    [Fact]
    public async Task Upload_KeyHasLeftTheRing_Is404()
    {
        await using var edge = await EdgeHost.StartAsync();

        var response = await edge.SendAsync("POST", "/upload/v1beta/files?upload_id=u&gemini_edge_key_id=none", "x");

        await EdgeErrors.AssertGoogleAsync(response, 404, "upload_not_found");
        Assert.Empty(edge.Sandbox.Requests);
    }

    private static void Say(EdgeHost edge, int status, string contentType, string body) => edge.Sandbox.OnRequest = async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType.Length == 0 ? null : contentType;
        if (body.Length > 0)
        {
            // Even an empty write to a 204 makes Kestrel close the connection, which the next attempt may be using.
            await context.Response.Body.WriteAsync(Encoding.Latin1.GetBytes(body));
        }

        return true;
    };

    private static void SayCompressed(EdgeHost edge, int status, string body) => edge.Sandbox.OnRequest = async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers.ContentEncoding = "gzip";
        await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
        await gzip.WriteAsync(Encoding.UTF8.GetBytes(body));
        return true;
    };
}
