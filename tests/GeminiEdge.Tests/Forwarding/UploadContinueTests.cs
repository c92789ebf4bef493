using System.Net;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Keys;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

public class UploadContinueTests
{
    private const string Model = "gemini-flash-latest";

    [Theory]
    [InlineData(SandboxKeyState.PrepayDepleted, "cooling_down")]
    [InlineData(SandboxKeyState.Invalid, "rejected")]
    public async Task Continue_ItsKeyIsOutOfUse_StillGoesToItsKey(SandboxKeyState state, string health)
    {
        await using var edge = await EdgeHost.StartAsync();
        var url = await Uploading.UrlAsync(edge);
        edge.Primary.SetState(Model, state);
        await edge.GenerateAsync();
        Assert.Equal(health, (await edge.Log.WaitForAsync("key_state_changed", change => change["key_id"]!.GetValue<string>() == edge.Primary.Value[^4..]
            && change["to"]!.GetValue<string>() == health))["to"]!.GetValue<string>());
        edge.Sandbox.ClearRequests();

        var done = await Uploading.ContinueAsync(edge, url, "upload, finalize", new StringContent("hello"), 0);

        Assert.Equal("5", (await EdgeHost.JsonAsync(done))["file"]!["sizeBytes"]!.GetValue<string>());
        Assert.Equal(edge.Primary.Value, Assert.Single(edge.Sandbox.Requests).Key);
    }

    [Fact]
    public async Task Continue_ItsKeyHasLeaked_IsRefusedWithoutAnAttempt()
    {
        await using var edge = await EdgeHost.StartAsync();
        var url = await Uploading.UrlAsync(edge);
        edge.Primary.SetState(Model, SandboxKeyState.Leaked);
        await edge.GenerateAsync();
        edge.Sandbox.ClearRequests();

        var refused = await Uploading.ContinueAsync(edge, url, "upload, finalize", new StringContent("hello"), 0);

        await EdgeErrors.AssertGoogleAsync(refused, 404, "upload_not_found");
        Assert.Empty(edge.Sandbox.Requests);
    }

    [Fact]
    public async Task Continue_BodyIsNotHttp_IsTheCallersFault()
    {
        await using var edge = await EdgeHost.StartAsync();
        using var caller = await RawHttp.ConnectAsync(edge);

        await caller.WriteAsync(RawHttp.Head(edge, "POST", "/upload/v1beta/files?upload_id=u", "Transfer-Encoding: chunked") + "\r\nzz\r\n");

        var answer = await caller.ReadToEndAsync();
        Assert.Equal(400, answer.Status);
        Assert.Contains("invalid_request", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Continue_OnAnotherInstanceWhereTheKeyIsNotPrimary_GoesToItsKeyWithoutTheParameter()
    {
        await using var edge = await EdgeHost.StartAsync();
        var url = await Uploading.UrlAsync(edge);
        await using var other = await EdgeHost.StartAsync(new EdgeSetup
        {
            Keys = 0,
            Settings =
            {
                ["GEMINI_BASE_URL"] = edge.Sandbox.BaseUrl.ToString(),
                ["GEMINI_API_KEY_PRIMARY"] = edge.Secondary.Value,
                ["GEMINI_API_KEY_OLD"] = edge.Primary.Value,
            },
        });

        var done = await Uploading.ContinueAsync(other, url, "upload, finalize", new StringContent("hello"), 0);

        Assert.Equal((HttpStatusCode.OK, "final"), (done.StatusCode, done.Header("x-goog-upload-status")));
        Assert.Equal(edge.Primary.Value[^4..], done.Header("x-gemini-edge-key-id"));
        var received = edge.Sandbox.Requests[^1];
        Assert.Equal((edge.Primary.Value, 1), (received.Key, received.CredentialCount));
        Assert.All(edge.Sandbox.Requests, request => Assert.DoesNotContain("gemini_edge", request.Target, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Continue_KeyHasLeftTheRing_Answers404()
    {
        await using var edge = await EdgeHost.StartAsync();
        var url = await Uploading.UrlAsync(edge);
        edge.Sandbox.ClearRequests();

        var gone = new Uri(url.AbsoluteUri.Replace("key_id=" + edge.Primary.Value[^4..], "key_id=none", StringComparison.Ordinal));
        var response = await Uploading.ContinueAsync(edge, gone, "upload, finalize", new StringContent("hello"), 0);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("upload_not_found", (await EdgeHost.JsonAsync(response))["error"]!["details"]![0]!["reason"]!.GetValue<string>());
        Assert.Empty(edge.Sandbox.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Continue_BytesArriveSlowly_EachIsSentOnBeforeTheNext(bool chunked)
    {
        await using var edge = await EdgeHost.StartAsync();
        var url = await Uploading.UrlAsync(edge);
        var received = new TaskCompletionSource();
        edge.Sandbox.OnRequest = async context =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[10], context.RequestAborted);
            received.SetResult();
            await context.Request.Body.ReadExactlyAsync(new byte[10], context.RequestAborted);
            return true;
        };
        var response = await Uploading.ContinueAsync(edge, url, "upload", new TwoParts(received.Task, chunked ? null : 20), 0);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Continue_InChunksLargerThanTheBodyLimit_IsAFile()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup
        {
            Settings = { ["GeminiEdge:BodyLimit"] = "100000", ["GeminiEdge:BufferLimit"] = "300000" },
        });
        var url = await Uploading.UrlAsync(edge);
        var chunk = new byte[2 * 256 * 1024];

        var first = await Uploading.ContinueAsync(edge, url, "upload", new ByteArrayContent(chunk), 0);
        var query = await Uploading.ContinueAsync(edge, url, "query");
        var last = await Uploading.ContinueAsync(edge, url, "upload, finalize", new ByteArrayContent([1, 2, 3]), chunk.Length);

        Assert.Equal(("active", $"{chunk.Length}"), (first.Header("x-goog-upload-status"), query.Header("x-goog-upload-size-received")));
        Assert.Equal($"{chunk.Length + 3}", (await EdgeHost.JsonAsync(last))["file"]!["sizeBytes"]!.GetValue<string>());
    }

    [Fact]
    public async Task Continue_Cancelled_PassesItOn()
    {
        await using var edge = await EdgeHost.StartAsync();
        var url = await Uploading.UrlAsync(edge);

        var cancelled = await Uploading.ContinueAsync(edge, url, "cancel");
        var late = await Uploading.ContinueAsync(edge, url, "upload, finalize", new StringContent("hello"), 0);

        Assert.Equal((HttpStatusCode.OK, "cancelled"), (cancelled.StatusCode, cancelled.Header("x-goog-upload-status")));
        Assert.Equal(HttpStatusCode.BadRequest, late.StatusCode);
        Assert.Equal("gemini_reject", (await edge.Log.WaitForAsync("attempt", 3))[2]["event"]!.GetValue<string>());
    }

    [Fact]
    public async Task Continue_ItsKeyDies_IsNotContinuedWithAnother()
    {
        await using var edge = await EdgeHost.StartAsync();
        var url = await Uploading.UrlAsync(edge);
        edge.Primary.State = SandboxKeyState.Invalid;

        var response = await Uploading.ContinueAsync(edge, url, "upload, finalize", new StringContent("hello"), 0);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(0, edge.Secondary.RequestCount);
        Assert.False(edge.Ring.Keys[0].Health.IsAvailable(Model));
    }

    /// <summary>Ten bytes, and ten more when the first have arrived.</summary>
    private sealed class TwoParts(Task firstArrived, long? length) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[10]);
            await stream.FlushAsync();
            await firstArrived.WaitAsync(Patience.Limit);
            await stream.WriteAsync(new byte[10]);
        }

        protected override bool TryComputeLength(out long result)
        {
            result = length ?? 0;
            return length is not null;
        }
    }
}
