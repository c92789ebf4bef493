using System.Net;
using System.Text;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>What an upstream may do with an HTTP/2 connection, frame by frame.</summary>
public class Http2FrameTests
{
    private static readonly byte[] Answer = Encoding.ASCII.GetBytes(TlsUpstream.Answer);

    [Theory]
    [InlineData("generateContent", 200, 2)]
    [InlineData("predictLongRunning", 504, 1)]
    public async Task Stream_IsResetAfterTheRequestWasRead_IsSentAgainOnlyWhereThatIsHarmless(string action, int status, int sent)
    {
        await using var upstream = RawHttp2.Start((connection, id) => id == 1 ? connection.ResetAsync(id, code: 2) : connection.AnswerAsync(id, Answer.Length, Answer, ends: true));
        await using var edge = await StartAsync(upstream);

        Assert.Equal((status, sent), ((int)(await edge.NativeAsync(action)).StatusCode, upstream.Requests));
        Assert.Equal("reset", (await edge.Log.WaitForAsync("gemini_fail"))["network"]!.GetValue<string>());
    }

    [Fact]
    public async Task Start_UpstreamSpeaksFirst_TheConnectionIsKeptForTheFirstRequest()
    {
        await using var upstream = RawHttp2.Start((connection, id) => connection.AnswerAsync(id, Answer.Length, Answer, ends: true));
        await using var edge = await StartAsync(upstream);
        await Eventually.IsAsync(() => upstream.Greeted == 1);

        Assert.Equal(HttpStatusCode.OK, (await edge.NativeAsync()).StatusCode);
        Assert.Equal(1, upstream.Greeted);
    }

    [Theory]
    [InlineData("generateContent", 200, 2)]
    [InlineData("predictLongRunning", 504, 1)]
    public async Task Connection_IsResetAfterTheRequestWasRead_IsSentAgainOnlyWhereThatIsHarmless(string action, int status, int sent)
    {
        await using var upstream = RawHttp2.Start((connection, id) =>
        {
            if (connection.Number == 1)
            {
                connection.Break();
                return Task.CompletedTask;
            }

            return connection.AnswerAsync(id, Answer.Length, Answer, ends: true);
        });
        await using var edge = await StartAsync(upstream);

        Assert.Equal((status, sent), ((int)(await edge.NativeAsync(action)).StatusCode, upstream.Requests));
    }

    [Theory]
    [InlineData(0, 200, 2, 1)]
    [InlineData(1, 504, 1, 1)]
    public async Task GoAway_RequestWasNotSeen_IsOneAttemptOnAnotherConnection(int last, int status, int sent, int attempts)
    {
        await using var upstream = RawHttp2.Start(async (connection, id) =>
        {
            if (connection.Number == 1)
            {
                await connection.GoAwayAsync(last, code: 0);
                if (last > 0)
                {
                    connection.Break();
                }

                return;
            }

            await connection.AnswerAsync(id, Answer.Length, Answer, ends: true);
        });
        await using var edge = await StartAsync(upstream);

        var answer = await edge.NativeAsync("predictLongRunning");

        Assert.Equal((status, sent), ((int)answer.StatusCode, upstream.Requests));
        Assert.Equal($"{attempts}", answer.Headers.GetValues("x-gemini-edge-attempts").Single());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_IsHalf_IsNeverTakenForWhole(bool ends)
    {
        await using var upstream = RawHttp2.Start(async (connection, id) =>
        {
            await connection.AnswerAsync(id, Answer.Length, id == 1 ? Answer.AsMemory(0, 40) : Answer, ends: ends || id != 1);
            if (!ends && id == 1)
            {
                await connection.ResetAsync(id, code: 2);
            }
        });
        await using var edge = await StartAsync(upstream);

        using var answer = await edge.NativeAsync();

        Assert.Equal(TlsUpstream.Answer, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("2", answer.Headers.GetValues("x-gemini-edge-attempts").Single());
    }

    [Fact]
    public async Task File_IsHalf_BreaksOffForTheCallerToo()
    {
        await using var upstream = RawHttp2.Start((connection, id) => connection.AnswerAsync(id, 1000, new byte[100], ends: true));
        await using var edge = await StartAsync(upstream);

        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var answer = await edge.Client.GetAsync("/v1beta/files/x:download?alt=media", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        });
        Assert.Equal("reset", (await edge.Log.WaitForAsync("gemini_fail"))["network"]!.GetValue<string>());
    }

    private static Task<EdgeHost> StartAsync(RawHttp2 upstream) => EdgeHost.StartAsync(new EdgeSetup
    {
        Trust = upstream.Trust,
        Settings = { ["GEMINI_BASE_URL"] = upstream.Url, ["GeminiEdge:UpstreamHttp"] = "2", ["GeminiEdge:Patience"] = "00:00:00" },
    });
}
