using System.Net;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GeminiEdge.Tests.Endpoints;

public class BodyLimitTests
{
    private const int Limit = 16 * 1024;
    private const string Native = "/v1beta/models/gemini-flash-latest:generateContent";

    [Theory]
    [InlineData("/api/generate")]
    [InlineData(Native)]
    public async Task Body_DeclaresMoreThanTheLimit_Is413BeforeAByteIsRead(string target)
    {
        await using var edge = await StartAsync();
        using var caller = await RawHttp.ConnectAsync(edge);

        await caller.WriteAsync(RawHttp.Head(edge, "POST", target, $"Content-Length: {Limit + 1}") + "\r\n");
        var head = await caller.ReadUntilAsync("\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 413 ", head, StringComparison.Ordinal);
        Assert.Equal(0, Budget(edge).Used);
        Assert.Empty(edge.Sandbox.Requests);
    }

    [Theory]
    [InlineData("/api/generate", true)]
    [InlineData("/api/generate", false)]
    [InlineData(Native, true)]
    [InlineData(Native, false)]
    public async Task Body_IsLargerThanTheLimit_Is413ThatNamesIt(string target, bool declared)
    {
        await using var edge = await StartAsync();
        var body = new string(' ', Limit + 1);

        var answer = await RawHttp.ExchangeAsync(edge, declared
            ? RawHttp.Head(edge, "POST", target, $"Content-Length: {body.Length}") + "\r\n" + body
            : RawHttp.Head(edge, "POST", target, "Transfer-Encoding: chunked") + $"\r\n{body.Length:x}\r\n{body}\r\n0\r\n\r\n");

        if (target == Native)
        {
            EdgeErrors.AssertGoogle(answer, 413, "body_too_large");
        }
        else
        {
            EdgeErrors.AssertProblem(answer, 413, "body_too_large");
        }

        Assert.Contains("16384 bytes", answer.Body, StringComparison.Ordinal);
        await Eventually.IsAsync(() => Budget(edge).Used == 0);
        Assert.Empty(edge.Sandbox.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_IsAsLargeAsTheLimit_IsTaken(bool declared)
    {
        await using var edge = await StartAsync();
        var body = EdgeHost.Contents("Say hello").PadRight(Limit);

        var answer = await RawHttp.ExchangeAsync(edge, declared
            ? RawHttp.Head(edge, "POST", Native, $"Content-Length: {body.Length}") + "\r\n" + body
            : RawHttp.Head(edge, "POST", Native, "Transfer-Encoding: chunked") + $"\r\n{body.Length:x}\r\n{body}\r\n0\r\n\r\n");

        Assert.Equal(200, answer.Status);
        Assert.Equal(Limit, Assert.Single(edge.Sandbox.Requests).BodyLength);
        await Eventually.IsAsync(() => Budget(edge).Used == 0);
    }

    [Fact]
    public async Task Body_DefaultLimit_IsTwentyMebibytes()
    {
        await using var edge = await EdgeHost.StartAsync();

        using var caller = await RawHttp.ConnectAsync(edge);
        await caller.WriteAsync(RawHttp.Head(edge, "POST", "/api/generate", "Content-Length: 20971521") + "\r\n");

        Assert.Contains(" 413 ", await caller.ReadUntilAsync("is larger than 20971520 bytes"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task UploadBytes_AreMoreThanAnyLimit_StreamThroughOutsideTheBudget(bool declared)
    {
        await using var edge = await StartAsync();
        var bytes = new string('u', 10 * Limit);
        var start = await edge.PostAsync("/upload/v1beta/files", """{"file":{"displayName":"x"}}""", request =>
        {
            request.Headers.Add("X-Goog-Upload-Protocol", "resumable");
            request.Headers.Add("X-Goog-Upload-Command", "start");
        });
        var url = new Uri(start.Headers.GetValues("x-goog-upload-url").Single());

        var head = RawHttp.Head(edge, "POST", url.PathAndQuery, "X-Goog-Upload-Command: upload, finalize", "X-Goog-Upload-Offset: 0",
            declared ? $"Content-Length: {bytes.Length}" : "Transfer-Encoding: chunked") + "\r\n";
        var answer = await RawHttp.ExchangeAsync(edge, head + (declared ? bytes : $"{bytes.Length:x}\r\n{bytes}\r\n0\r\n\r\n"));

        Assert.Equal(200, answer.Status);
        Assert.Equal(bytes.Length, edge.Sandbox.Requests[^1].BodyLength);
    }

    [Fact]
    public async Task UploadBytes_CallerResetsInMidBody_IsACancelledAttempt()
    {
        await using var edge = await StartAsync();
        for (var time = 1; time <= 20; time++)
        {
            using var caller = await RawHttp.ConnectAsync(edge);
            await caller.WriteAsync(UploadHead(edge, 10 * Limit) + new string('u', Limit));
            await Eventually.IsAsync(() => edge.Sandbox.Requests.Count == time);

            caller.Reset();

            Assert.Equal("gemini_cancel", LogCapture.Name((await edge.Log.WaitForAsync("attempt", time))[^1]));
        }

        Assert.Equal(HttpStatusCode.OK, (await edge.GenerateAsync()).StatusCode);
        AssertNoAlarm(edge);
    }

    [Fact]
    public async Task Bodies_TogetherFillTheBuffer_TheNextIs503UntilOneIsDone()
    {
        await using var edge = await StartAsync(bufferLimit: 3 * Limit);
        using var first = await HoldAsync(edge, 1);
        using var second = await HoldAsync(edge, 2);
        using var third = await HoldAsync(edge, 3);

        var overloaded = await edge.NativeAsync();
        Assert.Equal("1", overloaded.Headers.GetValues("Retry-After").Single());
        await EdgeErrors.AssertGoogleAsync(overloaded, 503, "overloaded");
        await EdgeErrors.AssertProblemAsync(await edge.GenerateAsync(), 503, "overloaded");
        Assert.Equal(HttpStatusCode.OK, (await edge.GetAsync("/v1beta/models")).StatusCode);

        first.Reset();
        await Eventually.IsAsync(() => Budget(edge).Used == 2 * Limit);

        Assert.Equal(HttpStatusCode.OK, (await edge.NativeAsync()).StatusCode);
    }

    /// <summary>A caller who has sent all of a body of the largest size but its last byte.</summary>
    private static async Task<RawHttp> HoldAsync(EdgeHost edge, int holders)
    {
        var caller = await RawHttp.ConnectAsync(edge);
        await caller.WriteAsync(RawHttp.Head(edge, "POST", Native, $"Content-Length: {Limit}") + "\r\n" + new string(' ', Limit - 1));
        await Eventually.IsAsync(() => Budget(edge).Used == holders * Limit);
        return caller;
    }

    private static string UploadHead(EdgeHost edge, int length) =>
        RawHttp.Head(edge, "POST", "/upload/v1beta/files", "X-Goog-Upload-Protocol: raw", $"Content-Length: {length}") + "\r\n";

    private static void AssertNoAlarm(EdgeHost edge)
    {
        var alarms = edge.Log.Events.Where(line => LogCapture.Name(line) is "internal_error" or "framework" or "key_state_changed" && line["to"]?.GetValue<string>() != "healthy");
        Assert.True(!alarms.Any(), string.Join('\n', alarms));
    }

    private static Task<EdgeHost> StartAsync(int bufferLimit = 8 * Limit) => EdgeHost.StartAsync(new EdgeSetup
    {
        Settings = { ["GeminiEdge:BodyLimit"] = $"{Limit}", ["GeminiEdge:BufferLimit"] = $"{bufferLimit}" },
    });

    private static MemoryBudget Budget(EdgeHost edge) => edge.Services.GetRequiredService<MemoryBudget>();
}
