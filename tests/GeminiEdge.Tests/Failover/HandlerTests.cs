using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using GeminiEdge.Failover;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Failover;

/// <summary>What an SDK meets at the handler, beside its answers.</summary>
public sealed class HandlerTests
{
    private const string Target = "v1beta/models/gemini-flash-latest:generateContent";

    [Fact]
    public async Task Request_KeyOfTheSdk_IsReplacedWhereverItStands()
    {
        await using var bed = await FailoverBed.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Target}?key=the-sdks-own-key&alt=json") { Content = Prompt() };
        request.Headers.Add("x-goog-api-key", "the-sdks-own-key");
        request.Headers.Add("Authorization", "Bearer the-sdks-own-key");
        request.Headers.Add("x-goog-api-client", "a-client/1.0");

        using var response = await bed.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var received = Assert.Single(bed.Sandbox.Requests);
        Assert.Equal(("/" + Target + "?alt=json", "a-client/1.0"), (received.Target, $"{received.Headers["x-goog-api-client"]}"));
        Assert.False(received.Headers.ContainsKey("Authorization"));
        Assert.Equal(("1", bed.Primary.Value[^4..]), (response.Header("x-gemini-edge-attempts"), response.Header("x-gemini-edge-key-id")));
    }

    [Fact]
    public async Task Request_AllKeysFail_Is502InGooglesShapeWithRetryAfterWhereWaitingHelps()
    {
        await using var bed = await FailoverBed.StartAsync();
        (bed.Primary.State, bed.Secondary.State) = (SandboxKeyState.Invalid, SandboxKeyState.QuotaMinute);

        using var response = await bed.Http.PostAsync(Target, Prompt());

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.True(response.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        var error = JsonNode.Parse(bed.See(await response.Content.ReadAsStringAsync()))!["error"]!;
        Assert.Equal((502, "UNAVAILABLE", "all_keys_failed"), ((int)error["code"]!, (string)error["status"]!, (string)error["details"]![0]!["reason"]!));
        Assert.Equal(2, JsonNode.Parse((string)error["details"]![0]!["metadata"]!["attempts"]!)!.AsArray().Count);
        var logged = Assert.Single(bed.Log.Named("all_keys_failed"));
        Assert.Equal((2, 0), ((int)logged.Fields["attempts"]!, (int)logged.Fields["skipped"]!));
    }

    [Fact]
    public async Task Request_GoogleRefusesItself_ComesAsItIsAfterOneAttempt()
    {
        await using var bed = await FailoverBed.StartAsync();

        using var response = await bed.Http.PostAsync("v1beta/models/no-such-model:generateContent", Prompt());

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("NOT_FOUND", (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!["status"]);
        Assert.Single(bed.Sandbox.Requests);
        Assert.Single(bed.Log.Named("gemini_reject"));
    }

    [Theory]
    [InlineData("https://api.openai.com/v1/chat/completions", "https://api.openai.com")]
    [InlineData("http://generativelanguage.googleapis.com/v1beta/x", "http://generativelanguage.googleapis.com")]
    [InlineData("https://generativelanguage.googleapis.com.evil.example/v1beta/x", "https://generativelanguage.googleapis.com.evil.example")]
    [InlineData("https://generativelanguage.googleapis.com@evil.example/v1beta/x", "https://generativelanguage.googleapis.com@evil.example")]
    public async Task Request_ForAnotherOrigin_IsRefusedBeforeAKeyIsShown(string address, string named)
    {
        using var upstream = new FakeUpstream(HttpResponseMessage (_) => throw new InvalidOperationException("A key went elsewhere."));
        using var http = Client(upstream, new() { Keys = ["a-key-of-sixteen-or-more"] });

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => http.PostAsync(new Uri(address), Prompt()));

        Assert.Contains($"this request is for {named}: set the SDK's address to https://generativelanguage.googleapis.com/", error.Message, StringComparison.Ordinal);
        Assert.Empty(upstream.Keys);
    }

    // OpenAI's client makes its addresses with UriBuilder, which writes the scheme's own port.
    [Theory]
    [InlineData("https://generativelanguage.googleapis.com:443/v1beta/openai/models?x=%2F", "/v1beta/openai/models?x=%2F")]
    [InlineData("HTTPS://GenerativeLanguage.googleapis.com/v1beta/models/a%20b", "/v1beta/models/a%20b")]
    [InlineData("https://generativelanguage.googleapis.com/v1beta/files?pageToken=a b&x=Zürich", "/v1beta/files?pageToken=a%20b&x=Z%C3%BCrich")]
    [InlineData("https://generativelanguage.googleapis.com/v1beta/files?x=\r\nx-goog-user-project: other", "/v1beta/files?x=%0D%0Ax-goog-user-project:%20other")]
    public async Task Request_AddressSpelledOtherwise_GoesToGoogleAsItWasWritten(string address, string target)
    {
        string? sent = null;
        using var upstream = new FakeUpstream(call =>
        {
            sent = call.Path;
            return UpstreamAnswers.Of(Verdict.Ok);
        });
        using var http = Client(upstream, new() { Keys = ["a-key-of-sixteen-or-more"] });

        using var response = await http.GetAsync(new Uri(address));

        Assert.Equal((HttpStatusCode.OK, target), (response.StatusCode, sent));
    }

    [Fact]
    public async Task Request_AddressNeverEscaped_IsRefused()
    {
        using var upstream = new FakeUpstream(_ => UpstreamAnswers.Of(Verdict.Ok));
        using var http = Client(upstream, new() { Keys = ["a-key-of-sixteen-or-more"] });
        var address = new Uri("https://generativelanguage.googleapis.com/v1beta/files?x=\r\nx-evil: 1", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

        await Assert.ThrowsAsync<InvalidOperationException>(() => http.GetAsync(address));
        Assert.Empty(upstream.Keys);
    }

    // A retrying handler above sends the same message again.
    [Fact]
    public async Task Request_IsSentTwice_HasItsBodyBothTimes()
    {
        await using var bed = await FailoverBed.StartAsync();
        using var invoker = new HttpMessageInvoker(new GeminiFailoverHandler(bed.Options));
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(bed.Sandbox.BaseUrl, Target)) { Content = Prompt() };

        for (var i = 0; i < 2; i++)
        {
            using var response = await invoker.SendAsync(request, CancellationToken.None);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(2, bed.Sandbox.Requests.Count(received => received.BodyLength == EdgeHost.Contents("Say hello").Length));
    }

    [Fact]
    public async Task Trace_IsRefused_BecauseItWouldSendTheKeyBack()
    {
        await using var bed = await FailoverBed.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Trace, Target);

        using var response = await bed.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Empty(bed.Sandbox.Requests);
    }

    [Fact]
    public async Task Answer_ReadToItsEndAndNeverDisposed_IsCountedAllTheSame()
    {
        await using var bed = await FailoverBed.StartAsync();

        var response = await SendStreamAsync(bed, CancellationToken.None);
        await (await response.Content.ReadAsStreamAsync()).CopyToAsync(Stream.Null);

        Assert.Single(bed.Log.Named("gemini_ok"));
        response.Dispose();
        Assert.Single(bed.Log.Named("gemini_ok"));
    }

    [Fact]
    public async Task Answer_CutInMidStream_ThrowsAndNeverLooksWhole()
    {
        await using var bed = await FailoverBed.StartAsync();
        bed.Primary.State = SandboxKeyState.CutMidStream;

        using var response = await SendStreamAsync(bed, CancellationToken.None);
        await Assert.ThrowsAnyAsync<IOException>(async () => await (await response.Content.ReadAsStreamAsync()).CopyToAsync(Stream.Null));

        response.Dispose();
        var logged = Assert.Single(bed.Log.Named("gemini_fail"));
        Assert.Equal(("network", true), (logged.Fields["verdict"], logged.Fields["committed"]));
    }

    [Fact]
    public async Task Answer_ReaderLeaves_CancelsUpstreamAndIsNobodysFailure()
    {
        await using var bed = await FailoverBed.StartAsync();
        bed.Primary.State = SandboxKeyState.SilentMidStream;
        var gone = new TaskCompletionSource();
        bed.Sandbox.OnRequest = context =>
        {
            context.RequestAborted.Register(gone.SetResult);
            return Task.FromResult(false);
        };

        using (var response = await SendStreamAsync(bed, CancellationToken.None))
        {
            var buffer = new byte[16];
            Assert.NotEqual(0, await (await response.Content.ReadAsStreamAsync()).ReadAsync(buffer));
        }

        await gone.Task.WaitAsync(Patience.Limit);
        Assert.Equal("client_gone", Assert.Single(bed.Log.Named("gemini_cancel")).Fields["verdict"]);
    }

    [Fact]
    public async Task Read_IsCancelled_EndsAtOnce()
    {
        await using var bed = await FailoverBed.StartAsync();
        bed.Primary.State = SandboxKeyState.SilentMidStream;
        using var response = await SendStreamAsync(bed, CancellationToken.None);
        var stream = await response.Content.ReadAsStreamAsync();
        using var patience = new CancellationTokenSource();

        var reading = stream.CopyToAsync(Stream.Null, patience.Token);
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading).WaitAsync(Patience.Limit);
    }

    [Fact]
    public async Task Upload_GoesOnWithTheKeyThatBeganIt()
    {
        await using var bed = await FailoverBed.StartAsync();
        bed.Primary.State = SandboxKeyState.QuotaDay;
        using var start = new HttpRequestMessage(HttpMethod.Post, "upload/v1beta/files") { Content = new StringContent("""{"file":{"displayName":"note"}}""", Encoding.UTF8, "application/json") };
        start.Headers.Add("X-Goog-Upload-Protocol", "resumable");
        start.Headers.Add("X-Goog-Upload-Command", "start");
        using var started = await bed.Http.SendAsync(start);
        using var finish = new HttpRequestMessage(HttpMethod.Post, started.Header("x-goog-upload-url")) { Content = new StringContent("Hello") };
        finish.Headers.Add("X-Goog-Upload-Command", "upload, finalize");
        finish.Headers.Add("X-Goog-Upload-Offset", "0");

        using var finished = await bed.Http.SendAsync(finish);

        Assert.Equal((HttpStatusCode.OK, started.Header("x-gemini-edge-key-id")), (finished.StatusCode, finished.Header("x-gemini-edge-key-id")));
        Assert.DoesNotContain(bed.Sandbox.Requests, request => request.Target.Contains("gemini_edge", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Upload_ByTheOlderProtocol_GoesOnWithTheKeyThatBeganIt()
    {
        await using var bed = await FailoverBed.StartAsync();
        bed.Primary.State = SandboxKeyState.Invalid;
        using var started = await bed.Http.PostAsync("upload/v1beta/files?uploadType=resumable", new StringContent("{}", Encoding.UTF8, "application/json"));
        using var piece = new StringContent("Hello");
        piece.Headers.TryAddWithoutValidation("Content-Range", "bytes 0-4/5");

        using var finished = await bed.Http.PutAsync(started.Headers.Location, piece);

        Assert.Equal("5", (string?)(await finished.Content.ReadFromJsonAsync<JsonObject>())!["file"]!["sizeBytes"]);
        Assert.Equal(bed.Secondary.Value[^4..], finished.Header("x-gemini-edge-key-id"));
        Assert.Equal("bytes 0-4/5", bed.Sandbox.Requests[^1].Headers["Content-Range"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Download_IsRedirectedByGoogle_ComesWithTheKeyThatWorks(bool primaryIsDead)
    {
        await using var bed = await FailoverBed.StartAsync();
        bed.Primary.State = primaryIsDead ? SandboxKeyState.Invalid : SandboxKeyState.Working;
        using var body = new MultipartContent("related") { new StringContent("{}", Encoding.UTF8, "application/json"), new StringContent("Hello") };
        using var upload = new HttpRequestMessage(HttpMethod.Post, "upload/v1beta/files") { Content = body };
        upload.Headers.Add("X-Goog-Upload-Protocol", "multipart");
        using var uploaded = await bed.Http.SendAsync(upload);
        var name = (string)(await uploaded.Content.ReadFromJsonAsync<JsonObject>())!["file"]!["name"]!;

        var text = await bed.Http.GetStringAsync($"v1beta/{name}:download?alt=media");

        Assert.Equal("Hello", bed.See(text));
        Assert.Equal(1, bed.Log.Named("gemini_ok")[^1].Fields["hops"]);
    }

    [Fact]
    public async Task Body_TooLarge_Is413WithoutAnAttempt()
    {
        await using var bed = await FailoverBed.StartAsync();

        using var response = await bed.Http.PostAsync(Target, new ByteArrayContent(new byte[(20 << 20) + 1]));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("20971520 bytes", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(bed.Sandbox.Requests);
    }

    [Fact]
    public async Task GooglesError_QuotesTheKey_IsMaskedAtEqualLength()
    {
        await using var bed = await FailoverBed.StartAsync();
        bed.Sandbox.OnRequest = async context =>
        {
            context.Response.StatusCode = 404;
            await context.Response.WriteAsync(new JsonObject { ["error"] = new JsonObject { ["code"] = 404, ["message"] = $"Nothing for {bed.Primary.Value}.", ["status"] = "NOT_FOUND" } }.ToJsonString());
            return true;
        };

        using var response = await bed.Http.PostAsync(Target, Prompt());

        var error = (await response.Content.ReadFromJsonAsync<JsonObject>())!["error"]!;
        Assert.Equal($"Nothing for {new string('*', bed.Primary.Value.Length)}.", bed.See((string)error["message"]!));
    }

    private static HttpClient Client(HttpMessageHandler upstream, GeminiFailoverOptions options) =>
        new(new GeminiFailoverHandler(new FailoverCore(options, upstream: upstream), ownsCore: true));

    private static Task<HttpResponseMessage> SendStreamAsync(FailoverBed bed, CancellationToken cancellationToken) => bed.Http.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, "v1beta/models/gemini-flash-latest:streamGenerateContent?alt=sse") { Content = Prompt("Say hello in many words, please") },
        HttpCompletionOption.ResponseHeadersRead,
        cancellationToken);

    private static StringContent Prompt(string text = "Say hello") => new(EdgeHost.Contents(text), Encoding.UTF8, "application/json");
}
