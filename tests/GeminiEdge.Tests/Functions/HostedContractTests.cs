using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Functions.Host;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Functions;

/// <summary>The HTTP contract as a client of a deployed app sees it: what is published, its own routes and levels.</summary>
public abstract class HostedContractTests : IDisposable
{
    private const string Native = "/v1beta/models/gemini-flash-latest:generateContent";
    private const string Prompt = """{"prompt":"Say hello"}""";
    private readonly HostingModel _model;
    private readonly HostedEdge _edge;

    protected HostedContractTests(SharedEdge shared)
    {
        ArgumentNullException.ThrowIfNull(shared);
        (_model, _edge) = (shared.Model, shared.Edge);
        _edge.ResetSandbox();
    }

    public void Dispose()
    {
        _edge.AssertSaysNoKey();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Generate_WithTheFunctionKey_AnswersAndLogsTheAttempt()
    {
        using var response = await _edge.GenerateAsync();

        var body = await EdgeHost.JsonAsync(response);
        Assert.Equal((HttpStatusCode.OK, "Sandbox answer to: Say hello"), (response.StatusCode, body["text"]!.GetValue<string>()));
        Assert.Equal((_edge.Primary.Value[^4..], "1"), (response.Header("x-gemini-edge-key-id"), response.Header("x-gemini-edge-attempts")));
        var line = await _edge.Host.Log.WaitForAsync("gemini_ok", line => line["request_id"]!.GetValue<string>() == response.Header("x-request-id"));
        Assert.Equal((_edge.Primary.Value[^4..], "PRIMARY"), (line["key_id"]!.GetValue<string>(), line["slot"]!.GetValue<string>()));
        Assert.Equal(0, _edge.Host.Exits);
    }

    [Theory]
    [InlineData(Area.Api, "none", 401)]
    [InlineData(Area.Api, "wrong", 401)]
    [InlineData(Area.Api, "client", 401)]
    [InlineData(Area.Api, "function", 200)]
    [InlineData(Area.Api, "master", 200)]
    [InlineData(Area.Admin, "none", 401)]
    [InlineData(Area.Admin, "client", 401)]
    [InlineData(Area.Admin, "function", 401)]
    [InlineData(Area.Admin, "master", 200)]
    [InlineData(Area.Native, "none", 401)]
    [InlineData(Area.Native, "function", 401)]
    [InlineData(Area.Native, "master", 401)]
    [InlineData(Area.Native, "client", 200)]
    public async Task Caller_WithEachKindOfKey_GetsInWhereItBelongs(Area area, string kind, int status)
    {
        var key = kind switch
        {
            "function" => _edge.Host.FunctionKey,
            "master" => _edge.Host.MasterKey,
            "client" => HostedEdge.ClientKey,
            "wrong" => "not-a-key-of-this-app",
            _ => "",
        };
        var (target, json) = area switch
        {
            Area.Api => ("/api/generate", Prompt),
            Area.Admin => ("/api/admin/probe", ""),
            _ => (Native, EdgeHost.Contents("Say hello")),
        };

        foreach (var (request, header) in new[] { (target, "x-functions-key"), ($"{target}?code={Uri.EscapeDataString(key)}", null) })
        {
            using var response = await _edge.PostAsync(request, json, key.Length > 0 ? header : null, key);

            Assert.True(status == (int)response.StatusCode, $"{(header is null ? "?code=" : header)}: {(int)response.StatusCode}");
        }

        // Whatever key got the caller in, Google gets the edge's own and no other.
        Assert.All(_edge.Sandbox.Requests, request =>
        {
            Assert.Equal(1, request.CredentialCount);
            Assert.DoesNotContain("code=", request.Target, StringComparison.Ordinal);
            Assert.False(request.Headers.ContainsKey("x-functions-key"));
        });
        Assert.Equal(status == 200, _edge.Sandbox.Requests.Count > 0);
    }

    [Fact]
    public async Task Stream_EachPieceArrivesBeforeTheNextIsSent()
    {
        var (upstream, answer) = await _edge.BeginStreamAsync();
        upstream.Send(GeminiChunk.Event(GeminiChunk.Text("Two")));
        await answer.ExpectAsync("data: {\"text\":\"Two\"}\n\n");
        upstream.Send(GeminiChunk.Event(GeminiChunk.Text("", "STOP")));
        upstream.End();

        await answer.ExpectAsync("event: done");
    }

    [Fact]
    public async Task Client_LeavesInMidStream_TheUpstreamIsCancelledAndTheKeyUnharmed()
    {
        var upstream = new GatedAnswer(ScriptedAnswer.EventStream);
        _edge.Sandbox.OnRequest = upstream.AnswerAsync;
        string requestId;
        using (var leaving = new CancellationTokenSource())
        {
            var pending = _edge.PostAsync("/v1beta/models/gemini-flash-latest:streamGenerateContent?alt=sse", EdgeHost.Contents("Hi"), "x-goog-api-key", HostedEdge.ClientKey, leaving.Token);
            await upstream.Asked;
            upstream.Send(GeminiChunk.Event(GeminiChunk.Text("One")));
            using var response = await pending;
            requestId = response.Header("x-request-id");
            var answer = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            await answer.ExpectAsync("data: ");
        }

        await upstream.Left;
        var line = await _edge.Host.Log.WaitForAsync("gemini_cancel", line => line["request_id"]!.GetValue<string>() == requestId);
        Assert.Equal("client_gone", line["verdict"]!.GetValue<string>());
        _edge.Sandbox.OnRequest = null;
        using var next = await _edge.NativeAsync();
        Assert.Equal(_edge.Primary.Value[^4..], next.Header("x-gemini-edge-key-id"));
    }

    [Fact]
    public async Task Keys_OneIsDead_TheOtherAnswers_BothAre_502SaysWhy()
    {
        // Keys that died stay dead: this edge is for this test alone.
        await using var edge = await HostedEdge.StartAsync(_model);
        edge.Primary.State = SandboxKeyState.Expired;

        using var saved = await edge.NativeAsync();
        Assert.Equal((HttpStatusCode.OK, edge.Secondary.Value[^4..], "2"), (saved.StatusCode, saved.Header("x-gemini-edge-key-id"), saved.Header("x-gemini-edge-attempts")));

        edge.Secondary.State = SandboxKeyState.Leaked;
        using var failed = await edge.GenerateAsync();
        var body = await EdgeHost.JsonAsync(failed);
        Assert.Equal((HttpStatusCode.BadGateway, "application/problem+json", "all_keys_failed"),
            (failed.StatusCode, failed.Content.Headers.ContentType!.MediaType, body["code"]!.GetValue<string>()));
        Assert.Equal(["PRIMARY", "SECONDARY"], body["attempts"]!.AsArray().Select(attempt => attempt!["slot"]!.GetValue<string>()).Order());

        using var health = await edge.Client.GetAsync("/api/health");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Equal("""{"status":"unavailable"}""", await health.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Health_IsOpenToAnyone()
    {
        using var health = await _edge.Client.GetAsync("/api/health");

        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Fact]
    public async Task StatusPage_IsOpenToAnyone_AndItsDataIsForTheMasterKey()
    {
        using var page = await _edge.Client.GetAsync("/api/status");
        using var stranger = await _edge.Client.GetAsync("/api/admin/status");
        using var caller = await _edge.Client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/api/admin/status") { Headers = { { "x-functions-key", _edge.Host.FunctionKey } } });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/admin/status/events") { Headers = { { "x-functions-key", _edge.Host.MasterKey }, { "x-goog-api-key", _edge.Host.MasterKey } } };
        using var events = await _edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await events.Content.ReadAsStreamAsync());

        Assert.Equal((HttpStatusCode.OK, "text/html"), (page.StatusCode, page.Content.Headers.ContentType!.MediaType));
        Assert.Contains("script-src 'sha256-", Assert.Single(page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (stranger.StatusCode, caller.StatusCode));
        Assert.Equal(HttpStatusCode.OK, events.StatusCode);
        Assert.Equal("event: status", await reader.ReadLineAsync().WaitAsync(Patience.Limit));
    }

    [Theory]
    [InlineData("/api/generate", "{}", 400, "invalid_request")]
    [InlineData("/api/generate", "not json", 400, "invalid_request")]
    [InlineData("/api/generate", """{"prompt":"x","tempo":1}""", 400, "invalid_request")]
    [InlineData("/api/generate", """{"prompt":"x","model":"no-such-model"}""", 404, "upstream_rejected")]
    [InlineData("/api/nothing", "{}", 404, "not_found")]
    [InlineData("/api/status", "{}", 405, "method_not_allowed")]
    [InlineData("/api/status/x", "{}", 404, "not_found")]
    public async Task Mistake_OfTheCaller_IsSaidInTheShapeOfItsRoute(string target, string json, int status, string? code)
    {
        using var response = await _edge.PostAsync(target, json, "x-functions-key", _edge.Host.FunctionKey);

        Assert.Equal(status, (int)response.StatusCode);
        var body = await response.Content.ReadAsStringAsync();
        Assert.Equal(code, body.Length == 0 ? null : JsonNode.Parse(body)!["code"]!.GetValue<string>());
    }

    [Fact]
    public async Task Method_IsTheAppsToJudge_NotTheHosts()
    {
        using var response = await _edge.Client.GetAsync($"/api/generate?code={_edge.Host.FunctionKey}");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }

    [Fact]
    public async Task Body_OverTheLimit_Is413BeforeItIsRead()
    {
        using var response = await _edge.PostAsync("/api/generate", $$"""{"prompt":"{{new string('x', 21 * 1024 * 1024)}}"}""", "x-functions-key", _edge.Host.FunctionKey);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("body_too_large", (await EdgeHost.JsonAsync(response))["code"]!.GetValue<string>());
    }

    // 30,000,000 bytes are Kestrel's own limit.
    [Theory]
    [InlineData(5)]
    [InlineData(31_000_000)]
    public async Task Upload_OfAnySize_GoesOnAtTheAddressTheClientUsed(int size)
    {
        using var start = new HttpRequestMessage(HttpMethod.Post, "/upload/v1beta/files") { Content = new StringContent("{\"file\":{\"displayName\":\"note\"}}", Encoding.UTF8, "application/json") };
        start.Headers.Add("x-goog-api-key", HostedEdge.ClientKey);
        start.Headers.Add("X-Goog-Upload-Protocol", "resumable");
        start.Headers.Add("X-Goog-Upload-Command", "start");

        // What a client says of itself is overwritten by the host, so that nobody else's address can get into the answer.
        start.Headers.Add("X-Forwarded-Host", "elsewhere.example");
        using var started = await _edge.Client.SendAsync(start);
        var url = new Uri(started.Header("x-goog-upload-url"));
        using var finish = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(new byte[size]) };

        // No credential, as several SDKs and Google's own samples send it: the URL lets it in.
        finish.Headers.Add("X-Goog-Upload-Command", "upload, finalize");
        finish.Headers.Add("X-Goog-Upload-Offset", "0");
        using var finished = await _edge.Client.SendAsync(finish);

        Assert.Equal(_edge.Host.Url.Authority, url.Authority);
        Assert.Equal(HttpStatusCode.OK, finished.StatusCode);
        Assert.Equal($"{size}", (await EdgeHost.JsonAsync(finished))["file"]!["sizeBytes"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("/v1/models/gemini-flash-latest:generateContent")]
    [InlineData("/v1alpha/models/gemini-flash-latest:generateContent")]
    [InlineData("/v1beta/models/gemini-flash-latest:generateContent?alt=json&x=%2F%20")]
    public async Task Native_EachVersion_ReachesGoogleAsItWasWritten(string target)
    {
        using var response = await _edge.NativeAsync(target);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(target, Assert.Single(_edge.Sandbox.Requests).Target);
    }

    [Fact]
    public async Task OpenAi_Chat_AnswersBelowTheSameRoute()
    {
        using var response = await _edge.PostAsync("/v1beta/openai/chat/completions",
            """{"model":"gemini-flash-latest","messages":[{"role":"user","content":"Say hello"}]}""", "Authorization", $"Bearer {HostedEdge.ClientKey}");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    // The host decodes, normalises and matches in its own way before the app sees a target. Whatever it makes of these, none
    // may get behind a door without its key.
    [Theory]
    [InlineData("//api/generate")]
    [InlineData("/%61pi/generate")]
    [InlineData("/API/generate")]
    [InlineData("/v1beta/%2e%2e/api/generate")]
    [InlineData("/v1beta/../api/admin/probe")]
    [InlineData("/api//generate")]
    [InlineData("/api%2fgenerate")]
    [InlineData("/api;x/generate")]
    [InlineData("/api/admin%2fprobe")]
    [InlineData("/api/ADMIN/probe")]
    [InlineData("/v1beta/..%2fapi/generate")]
    [InlineData("/v1beta/..%252fapi/generate")]
    [InlineData("/v1beta/models%2fgemini-flash-latest:generateContent")]
    [InlineData("/upload/..%2f..%2fapi%2fadmin%2fprobe")]
    [InlineData("/download/..%2fapi%2fadmin%2fprobe")]
    [InlineData("/download/%2e%2e/api/generate")]
    public async Task Target_ThatCouldBeReadOtherwise_OpensNoDoor(string target)
    {
        var nobody = await _edge.SendRawAsync("POST", target, "Content-Length: 0");
        var client = await _edge.SendRawAsync("POST", target, "Content-Length: 0", $"x-goog-api-key: {HostedEdge.ClientKey}");
        var caller = await _edge.SendRawAsync("POST", target, "Content-Length: 0", $"x-functions-key: {_edge.Host.FunctionKey}");

        Assert.True(nobody.Status is 401 or 404, nobody.Head);
        Assert.True(client.Status is 401 or 404, client.Head);
        Assert.True(caller.Status is 400 or 401 or 404 or 415, caller.Head);
        Assert.Empty(_edge.Sandbox.Requests);
        Assert.Equal(0, _edge.Host.Exits);
    }

    public enum Area
    {
        Api,
        Admin,
        Native,
    }
}
