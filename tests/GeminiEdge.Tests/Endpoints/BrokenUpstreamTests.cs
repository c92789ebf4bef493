using System.Globalization;
using System.Net;
using System.Text;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GeminiEdge.Tests.Endpoints;

public class BrokenUpstreamTests
{
    [Theory]
    [InlineData("nonsense")]
    [InlineData("HTTP/1.1 banana\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"candidates\":[")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"can")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nHalf a hea")]
    [InlineData("")]
    public async Task Answer_IsNotHttpOrHalf_IsAFailureOfTheNetwork(string bytes)
    {
        await using var upstream = RawUpstream.Saying(bytes);
        await using var edge = await StartAsync(upstream.Url);

        var problem = await EdgeErrors.AssertProblemAsync(await edge.GenerateAsync(), 502, "all_keys_failed");
        var native = await EdgeErrors.AssertGoogleAsync(await edge.NativeAsync(), 502, "all_keys_failed");

        Assert.All(problem["attempts"]!.AsArray().Concat(EdgeErrors.Attempts(native)), attempt => Assert.Equal("network", attempt!["verdict"]!.GetValue<string>()));
        Assert.Equal(4, upstream.Connections);
    }

    [Fact]
    public async Task Headers_HaveNoEnd_AreCutOffAndAFailureOfTheNetwork()
    {
        await using var upstream = RawUpstream.Start(async (stream, stop) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray(), stop);
            while (true)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"x-endless: {new string('a', 4000)}\r\n"), stop);
            }
        });
        await using var edge = await StartAsync(upstream.Url);

        await EdgeErrors.AssertProblemAsync(await edge.GenerateAsync(), 502, "all_keys_failed");
    }

    [Fact]
    public async Task Headers_CanNotBeSentOn_AreLeftOut()
    {
        await using var upstream = RawUpstream.Saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nx-plain: 1\r\nx-odd: caf\u00e9\r\nx-odder: a\u0001b\r\n\r\n{}");
        await using var edge = await StartAsync(upstream.Url);

        var response = await edge.GetAsync("/v1beta/models");

        Assert.Equal((HttpStatusCode.OK, "1"), (response.StatusCode, response.Headers.GetValues("x-plain").Single()));
        Assert.Equal("{}", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    // Content-Length or chunks: neither may let the beginning of an answer pass for all of it.
    [Theory]
    [InlineData("200 OK\r\nContent-Length: 1000")]
    [InlineData("200 OK\r\nTransfer-Encoding: chunked")]
    [InlineData("400 Bad Request\r\nContent-Length: 1000")]
    [InlineData("400 Bad Request\r\nTransfer-Encoding: chunked")]
    public async Task Answer_BreaksOffOnANativeRoute_BreaksOffForTheCallerToo(string head)
    {
        var begin = head.EndsWith("chunked", StringComparison.Ordinal) ? "7\r\n{\"a\":1,\r\n" : "{\"a\":1,";
        await using var upstream = RawUpstream.Saying($"HTTP/1.1 {head}\r\nContent-Type: application/json\r\n\r\n{begin}");
        await using var edge = await StartAsync(upstream.Url);

        var answer = await RawHttp.SendAsync(edge, "GET", "/v1beta/models");

        Assert.False(answer.Body.EndsWith("0\r\n\r\n", StringComparison.Ordinal), answer.Body);
        Assert.True(!answer.IsWhole || answer.Body.Length < 1000, answer.Body);
        Assert.DoesNotContain(edge.Log.Events, line => LogCapture.Name(line) is "internal_error" or "framework");
    }

    [Fact]
    public async Task Error_BreaksOff_GenerateStillTellsItsStatus()
    {
        await using var upstream = RawUpstream.Saying("HTTP/1.1 400 Bad Request\r\nContent-Length: 1000\r\n\r\n{\"error\":{\"mess");
        await using var edge = await StartAsync(upstream.Url);

        await EdgeErrors.AssertProblemAsync(await edge.GenerateAsync(), 400, "upstream_rejected");
    }

    [Fact]
    public async Task Upstream_AnswersBeforeItHasReadTheBody_ItsAnswerCounts()
    {
        const string Error = """{"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT"}}""";
        await using var upstream = RawUpstream.Saying($"HTTP/1.1 400 Bad Request\r\nContent-Length: {Error.Length}\r\nConnection: close\r\n\r\n{Error}");
        await using var edge = await StartAsync(upstream.Url);

        var response = await edge.NativeAsync(prompt: new string('a', 4 << 20));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(Error, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await Eventually.IsAsync(() => edge.Services.GetRequiredService<MemoryBudget>().Used == 0);
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("no such name")]
    public async Task Connection_CanNotBeOpened_EveryKeyIsTriedWhateverTheMethod(string how)
    {
        await using var edge = await StartAsync(how == "refused" ? RawUpstream.Nobody() : "https://gemini-edge.invalid");

        await EdgeErrors.AssertProblemAsync(await edge.GenerateAsync(), 502, "all_keys_failed");
        var error = await EdgeErrors.AssertGoogleAsync(await edge.PostAsync("/v1beta/models/veo:predictLongRunning", "{}"), 502, "all_keys_failed");

        Assert.All(EdgeErrors.Attempts(error), attempt => Assert.Equal(("network", true), (attempt!["verdict"]!.GetValue<string>(), attempt["status"] is null)));
        Assert.Equal(2, EdgeErrors.Attempts(error).Count);
    }

    [Fact]
    public async Task AllKeysFailed_WaitingHelps_SaysHowLong()
    {
        await using var edge = await StartAsync(RawUpstream.Nobody());

        var response = await edge.GenerateAsync();

        Assert.True(int.Parse(response.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture) >= 1);
    }

    private static Task<EdgeHost> StartAsync(string upstream) => EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_BASE_URL"] = upstream } });
}
