using System.Net;
using System.Text;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Failover;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>A compressed body of a native route goes up with its very bytes, and what it says is read all the same.</summary>
public class CompressedRequestTests
{
    private const string Native = "/v1beta/models/gemini-flash-latest:generateContent";
    private const string Naming = """{"contents":[{"parts":[{"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/abc"}}]}]}""";

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("GZIP", "gzip")]
    [InlineData("deflate", "deflate")]
    [InlineData("br", "br")]
    [InlineData("gzip, br", "gzip,br")]
    [InlineData("zstd", "gzip")]
    [InlineData("no such thing", "gzip")]
    public async Task Native_Compressed_GoesUpWithTheSameBytesAndHeader(string header, string applied)
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Primary.State = SandboxKeyState.Invalid;
        var bytes = Compressed.With(applied, EdgeHost.Contents("Say hello"));

        using var response = await Compressed.PostAsync(edge.Client, Native, bytes, header);

        Assert.Equal(2, edge.Sandbox.Requests.Count);
        Assert.All(edge.Sandbox.Requests, request => Assert.Equal((header, Convert.ToHexString(bytes)), (request.Headers["Content-Encoding"].ToString(), Convert.ToHexString(request.Body.Span))));
    }

    [Theory]
    [InlineData("generateContent")]
    [InlineData("streamGenerateContent?alt=sse")]
    public async Task Native_Gzipped_IsAnswered(string action)
    {
        await using var edge = await EdgeHost.StartAsync();

        using var response = await Compressed.PostAsync(edge.Client, $"/v1beta/models/gemini-flash-latest:{action}", Compressed.With("gzip", EdgeHost.Contents("Say hello")), "gzip");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("Sandbox", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Native_NotCompressed_HasNoSuchHeader()
    {
        await using var edge = await EdgeHost.StartAsync();

        await edge.NativeAsync();

        Assert.False(Assert.Single(edge.Sandbox.Requests).Headers.ContainsKey("Content-Encoding"));
    }

    // A gzip's few bytes could hold a quota's worth of tokens: it is what they say that counts.
    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Native_CompressedAndTooLargeForTheQuota_RestsNoKey(string coding)
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Upstream = new FakeUpstream(_ => UpstreamAnswers.Of(Verdict.RequestTooLargeForQuota)) });
        var bytes = Compressed.With(coding, EdgeHost.Contents(new string('a', 40 * UpstreamAnswers.TokenQuota)));

        using var response = await Compressed.PostAsync(edge.Client, Native, bytes, coding);

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.All(edge.Log.Attempts, line => Assert.Equal("request_too_large_for_quota", line["verdict"]!.GetValue<string>()));
        Assert.All(edge.Ring.Keys, key => Assert.True(key.Health.IsUntroubled));
    }

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("deflate", true)]
    [InlineData("br", true)]
    [InlineData("gzip,br", true)]
    [InlineData("zstd", false)]
    public async Task OpenAi_Compressed_IsLoggedWithItsModelWhereItCanBeRead(string coding, bool isRead)
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Upstream = new FakeUpstream(_ => UpstreamAnswers.Of(Verdict.Ok)) });
        var bytes = Compressed.With(isRead ? coding : "gzip", """{"messages":[],"model":"models/gemini-x"}""");

        using var response = await Compressed.PostAsync(edge.Client, "/v1beta/openai/chat/completions", bytes, coding);

        Assert.Equal(isRead ? "gemini-x" : null, (await edge.Log.WaitForAsync("gemini_ok"))["model"]?.GetValue<string>());
    }

    // A body in plain that only says it is compressed names nothing, whatever stands in it.
    [Theory]
    [InlineData("gzip", "gzip", true)]
    [InlineData("br", "br", true)]
    [InlineData("identity", "", true)]
    [InlineData("gzip", "", false)]
    [InlineData("zstd", "", false)]
    public async Task Native_CompressedAndNamesAFile_IsBoundToItsProject(string coding, string applied, bool isBound)
    {
        using var upstream = new FakeUpstream(_ => UpstreamAnswers.Of(Verdict.ResourceDenied));
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Upstream = upstream });

        using var response = await Compressed.PostAsync(edge.Client, Native, Compressed.With(applied, Naming), coding);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(isBound ? 2 : 1, upstream.Keys.Count);
    }

    [Fact]
    public async Task Native_IsABomb_GoesUpUnreadAndTakesNoMemory()
    {
        const int Limit = 256 * 1024;
        var bytes = Compressed.With("gzip", Encoding.UTF8.GetBytes(Naming + new string(' ', 32 << 20)));
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup
        {
            Upstream = new FakeUpstream(_ => UpstreamAnswers.Of(Verdict.Ok)),
            Settings = { ["GeminiEdge:BodyLimit"] = $"{Limit}", ["GeminiEdge:BufferLimit"] = $"{3 * Limit}" },
        });
        Assert.InRange(bytes.Length, 1, Limit);

        using var response = await Compressed.PostAsync(edge.Client, Native, bytes, "gzip");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await Eventually.IsAsync(() => edge.Services.GetRequiredService<MemoryBudget>().Used == 0);
    }

    // zlib's header may name a dictionary that both sides know; the upstream says whether it knows it.
    [Fact]
    public async Task Native_NeedsADictionary_GoesUpUnread()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Upstream = new FakeUpstream(_ => UpstreamAnswers.Of(Verdict.Ok)) });
        byte[] bytes = [0x78, 0x20, 0x12, 0x34, 0x56, 0x78, .. Compressed.With("raw-deflate", Naming)];

        using var response = await Compressed.PostAsync(edge.Client, Native, bytes, "deflate");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("br", true)]
    [InlineData("zstd", false)]
    public async Task Handler_Compressed_SendsTheSameBytesAndReadsWhatTheySay(string coding, bool isRead)
    {
        await using var bed = await FailoverBed.StartAsync();
        var bytes = Compressed.With(isRead ? coding : "gzip", """{"messages":[],"model":"gemini-x"}""");

        using var response = await Compressed.PostAsync(bed.Http, "v1beta/openai/chat/completions", bytes, coding);

        var received = Assert.Single(bed.Sandbox.Requests);
        Assert.Equal((coding, Convert.ToHexString(bytes)), (received.Headers["Content-Encoding"].ToString(), Convert.ToHexString(received.Body.Span)));
        Assert.Equal(isRead ? "gemini-x" : null, Assert.Single(bed.Log.Events, logged => logged.Name.StartsWith("gemini_", StringComparison.Ordinal)).Fields["model"]);
    }
}
