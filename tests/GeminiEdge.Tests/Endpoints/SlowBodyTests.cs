using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GeminiEdge.Tests.Endpoints;

public class SlowBodyTests
{
    private const string Prompt = """{"prompt":"Say hello"}""";
    private const string Native = "/v1beta/models/gemini-flash-latest:generateContent";

    [Fact]
    public async Task Body_ArrivesAByteAtATime_IsAnswered()
    {
        await using var edge = await EdgeHost.StartAsync();
        using var caller = await RawHttp.ConnectAsync(edge);

        foreach (var one in RawHttp.Head(edge, "POST", "/api/generate", $"Content-Length: {Prompt.Length}") + "\r\n" + Prompt)
        {
            await caller.WriteAsync(one.ToString());
        }

        Assert.Equal(200, (await caller.ReadToEndAsync()).Status);
    }

    [Fact]
    public async Task Body_ArrivesAByteAChunk_IsAnswered()
    {
        await using var edge = await EdgeHost.StartAsync();
        var chunks = string.Concat(Prompt.Select(one => $"1;extension=\"x\"\r\n{one}\r\n")) + "0\r\nTrailer: x\r\n\r\n";

        var answer = await RawHttp.ExchangeAsync(edge, RawHttp.Head(edge, "POST", "/api/generate", "Transfer-Encoding: chunked") + "\r\n" + chunks);

        Assert.Equal(200, answer.Status);
    }

    [Theory]
    [InlineData("zz\r\nx\r\n0\r\n\r\n")]
    [InlineData("-1\r\nx\r\n0\r\n\r\n")]
    [InlineData("ffffffffffffffffff\r\nx\r\n0\r\n\r\n")]
    [InlineData("1\r\nxyz\r\n0\r\n\r\n")]
    [InlineData("{\"prompt\":\"no chunk at all\"}\r\n\r\n")]
    public async Task Body_ChunksAreGarbage_Is400InTheShapeOfTheRoute(string chunks)
    {
        await using var edge = await EdgeHost.StartAsync();

        EdgeErrors.AssertProblem(await RawHttp.ExchangeAsync(edge, Chunked("/api/generate")), 400, "invalid_request");
        EdgeErrors.AssertGoogle(await RawHttp.ExchangeAsync(edge, Chunked(Native)), 400, "invalid_request");

        Assert.Empty(edge.Sandbox.Requests);
        Assert.Equal(0, Budget(edge).Used);

        string Chunked(string target) => RawHttp.Head(edge, "POST", target, "Transfer-Encoding: chunked") + "\r\n" + chunks;
    }

    [Theory]
    [InlineData("/api/generate")]
    [InlineData(Native)]
    public async Task Body_EndsBeforeItsLength_Is400AndNobodysFailure(string target)
    {
        await using var edge = await EdgeHost.StartAsync();
        using var caller = await RawHttp.ConnectAsync(edge);
        await caller.WriteAsync(RawHttp.Head(edge, "POST", target, "Content-Length: 1000") + "\r\n{\"prompt\":");
        await Eventually.IsAsync(() => Budget(edge).Used > 0);

        caller.EndSending();
        await caller.ReadToEndAsync();

        await AssertNothingHappenedAsync(edge);
    }

    [Theory]
    [InlineData("/api/generate")]
    [InlineData(Native)]
    public async Task Caller_StopsInMidBodyWithAReset_IsNobodysFailure(string target)
    {
        await using var edge = await EdgeHost.StartAsync();
        using var caller = await RawHttp.ConnectAsync(edge);
        await caller.WriteAsync(RawHttp.Head(edge, "POST", target, "Content-Length: 1000") + "\r\n{\"prompt\":");
        await Eventually.IsAsync(() => Budget(edge).Used > 0);

        caller.Reset();

        await AssertNothingHappenedAsync(edge);
    }

    [Fact]
    public async Task Expect_BodyIsWelcome_Is100Then200()
    {
        await using var edge = await EdgeHost.StartAsync();
        using var caller = await RawHttp.ConnectAsync(edge);

        await caller.WriteAsync(RawHttp.Head(edge, "POST", "/api/generate", $"Content-Length: {Prompt.Length}", "Expect: 100-continue") + "\r\n");
        Assert.StartsWith("HTTP/1.1 100", await caller.ReadUntilAsync("\r\n\r\n"), StringComparison.Ordinal);
        await caller.WriteAsync(Prompt);

        Assert.Equal(200, (await caller.ReadToEndAsync()).Status);
    }

    [Theory]
    [InlineData("/api/generate", "Content-Length: 99999999", 413)]
    [InlineData("/api/generate", "Content-Type: text/plain", 415)]
    [InlineData("/api/nothing", "Accept: */*", 404)]
    public async Task Expect_RequestIsRefused_BodyIsNeverAskedFor(string target, string header, int status)
    {
        await using var edge = await EdgeHost.StartAsync();
        using var caller = await RawHttp.ConnectAsync(edge);
        var length = header.StartsWith("Content-Length", StringComparison.Ordinal) ? header : $"Content-Length: {Prompt.Length}\r\n{header}";

        await caller.WriteAsync(RawHttp.Head(edge, "POST", target, length, "Expect: 100-continue") + "\r\n");

        Assert.StartsWith($"HTTP/1.1 {status} ", await caller.ReadUntilAsync("\r\n\r\n"), StringComparison.Ordinal);
    }

    private static async Task AssertNothingHappenedAsync(EdgeHost edge)
    {
        await Eventually.IsAsync(() => Budget(edge).Used == 0);

        // Whatever was wrong with the earlier request would have been logged before this one's line.
        Assert.True((await edge.GenerateAsync()).IsSuccessStatusCode);
        await edge.Log.WaitForAsync("gemini_ok");
        Assert.Single(edge.Log.Attempts);
        Assert.Single(edge.Sandbox.Requests);
        Assert.Equal("", string.Concat(edge.Log.Events.Where(line => LogCapture.Name(line) is "internal_error" or "framework").Select(line => line.ToJsonString())));
    }

    private static MemoryBudget Budget(EdgeHost edge) => edge.Services.GetRequiredService<MemoryBudget>();
}
