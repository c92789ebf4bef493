using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Endpoints;

/// <summary>A caller who sends no more, and one who has left, look alike until something is sent to them.</summary>
public class HalfClosedTests
{
    private const string Native = "/v1beta/models/gemini-flash-latest:generateContent";

    [Theory]
    [InlineData("/api/generate", """{"prompt":"Say hello"}""")]
    [InlineData("/api/generate", """{"prompt":"Say hello","stream":true}""")]
    [InlineData(Native, """{"contents":[{"parts":[{"text":"Say hello"}]}]}""")]
    public async Task Caller_SendsNoMore_GetsItsAnswer(string target, string body)
    {
        await using var edge = await EdgeHost.StartAsync();
        var (asked, goes) = (new TaskCompletionSource(), new TaskCompletionSource());
        edge.Sandbox.OnRequest = async _ =>
        {
            asked.TrySetResult();
            await goes.Task.WaitAsync(Patience.Limit);
            return false;
        };
        using var caller = await RawHttp.ConnectAsync(edge);
        await caller.WriteAsync(RawHttp.Head(edge, "POST", target, "Content-Type: application/json", $"Content-Length: {body.Length}") + "\r\n" + body);
        caller.EndSending();
        await asked.Task.WaitAsync(Patience.Limit);

        // A question whether anyone is there comes first; clients read past it.
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await caller.ReadUntilAsync("\r\n\r\n"));
        goes.SetResult();
        var answer = await caller.ReadToEndAsync();

        Assert.Equal((200, true), (answer.Status, answer.IsWhole));
        Assert.Equal("gemini_ok", LogCapture.Name((await edge.Log.WaitForAsync("attempt", 1))[0]));
    }

    [Fact]
    public async Task Caller_Left_CancelsTheAttempt()
    {
        await using var edge = await EdgeHost.StartAsync();
        var cancelled = new TaskCompletionSource();
        var asked = new TaskCompletionSource();
        edge.Sandbox.OnRequest = async context =>
        {
            asked.TrySetResult();
            await using var left = context.RequestAborted.Register(() => cancelled.TrySetResult());
            await cancelled.Task.WaitAsync(Patience.Limit);
            return false;
        };
        using (var caller = await RawHttp.ConnectAsync(edge))
        {
            await caller.WriteAsync(RawHttp.Head(edge, "POST", Native, "Content-Length: 2") + "\r\n{}");
            await asked.Task.WaitAsync(Patience.Limit);
        }

        await cancelled.Task.WaitAsync(Patience.Limit);
        Assert.Equal("client_gone", (await edge.Log.WaitForAsync("gemini_cancel"))["verdict"]!.GetValue<string>());
    }

    // It has no reason to expect an interim answer, and may not know any.
    [Fact]
    public async Task Caller_OfHttp10SendsNoMore_IsTakenToHaveLeft()
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Sandbox.OnRequest = async context =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
            return true;
        };
        using var caller = await RawHttp.ConnectAsync(edge);
        await caller.WriteAsync($"POST {Native} HTTP/1.0\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{{}}");
        await Eventually.IsAsync(() => edge.Sandbox.Requests.Count == 1);
        caller.EndSending();

        Assert.Equal("", (await caller.ReadToEndAsync()).Head);
        await edge.Log.WaitForAsync("gemini_cancel");
    }
}
