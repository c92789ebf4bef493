using System.Net;
using System.Text;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GeminiEdge.Tests.Endpoints;

/// <summary>A compressed body of <c>/api/generate</c> is inflated within the limit, or refused in words.</summary>
public class CompressedPromptTests
{
    private const int Limit = 16 * 1024;
    private const string Prompt = """{"prompt":"Say hello"}""";

    [Theory]
    [InlineData("gzip")]
    [InlineData("GZip")]
    [InlineData("x-gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("gzip, br")]
    [InlineData("deflate,gzip,br")]
    public async Task Prompt_Compressed_IsAnsweredAsIfItWereNot(string codings)
    {
        await using var edge = await EdgeHost.StartAsync();

        using var response = await Compressed.PostAsync(edge.Client, "/api/generate", Compressed.With(codings, Prompt), codings);

        Assert.Equal("Sandbox answer to: Say hello", (await EdgeHost.JsonAsync(response))["text"]!.GetValue<string>());
        Assert.False(Assert.Single(edge.Sandbox.Requests).Headers.ContainsKey("Content-Encoding"));
    }

    [Fact]
    public async Task Prompt_CompressedStreamedAndOnSeveralHeaderLines_IsAnswered()
    {
        await using var edge = await EdgeHost.StartAsync();

        using var response = await Compressed.PostAsync(
            edge.Client, "/api/generate", Compressed.With("gzip,deflate", """{"prompt":"Say hello","stream":true}"""), "gzip", "identity, ", "deflate");

        Assert.Equal("Sandbox answer to: Say hello", (await response.ReadEventsAsync()).Text());
    }

    // Some senders leave out the two bytes with which zlib's format begins.
    [Fact]
    public async Task Prompt_DeflatedWithoutZlibsHeader_IsAnswered()
    {
        await using var edge = await EdgeHost.StartAsync();

        Assert.Equal(HttpStatusCode.OK, (await Compressed.PostAsync(edge.Client, "/api/generate", Compressed.With("raw-deflate", Prompt), "deflate")).StatusCode);
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("")]
    public async Task Prompt_NotCompressedAndSaysSo_IsAnswered(string coding)
    {
        await using var edge = await EdgeHost.StartAsync();

        Assert.Equal(HttpStatusCode.OK, (await Compressed.PostAsync(edge.Client, "/api/generate", Encoding.UTF8.GetBytes(Prompt), coding)).StatusCode);
    }

    [Theory]
    [InlineData("zstd", "'zstd'")]
    [InlineData("compress", "'compress'")]
    [InlineData("gzip, dcb", "'dcb'")]
    [InlineData("<script>", "that was given")]
    public async Task Prompt_EncodingIsUnknown_Is415ThatNamesIt(string coding, string name)
    {
        await using var edge = await EdgeHost.StartAsync();

        using var response = await Compressed.PostAsync(edge.Client, "/api/generate", Encoding.UTF8.GetBytes(Prompt), coding);

        var problem = await EdgeErrors.AssertProblemAsync(response, 415, "unsupported_media_type");
        Assert.Equal($"The Content-Encoding {name} is not known here: send the body as gzip, deflate, br, or uncompressed.", problem["detail"]!.GetValue<string>());
        Assert.Equal("gzip, deflate, br", response.Headers.GetValues("Accept-Encoding").Single());
        Assert.Empty(edge.Sandbox.Requests);
    }

    [Fact]
    public async Task Prompt_CompressedManyTimesOver_Is415()
    {
        await using var edge = await EdgeHost.StartAsync();

        using var response = await Compressed.PostAsync(edge.Client, "/api/generate", Compressed.With("gzip,gzip,gzip,gzip", Prompt), "gzip,gzip,gzip,gzip");

        await EdgeErrors.AssertProblemAsync(response, 415, "unsupported_media_type");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("gzip, gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("gzip, br")]
    public async Task Prompt_IsABomb_Is413WhileLittleMemoryIsTaken(string codings)
    {
        // Five hundred times the limit, were it inflated; more than eight times it would be 503.
        const int Limit = 128 * 1024;
        var bytes = Compressed.With(codings, new byte[64 << 20]);
        await using var edge = await StartAsync(Limit);
        var budget = edge.Services.GetRequiredService<MemoryBudget>();
        Assert.InRange(bytes.Length, 1, Limit);

        using var response = await Compressed.PostAsync(edge.Client, "/api/generate", bytes, codings);

        await EdgeErrors.AssertProblemAsync(response, 413, "body_too_large");
        await Eventually.IsAsync(() => budget.Used == 0);
        Assert.Empty(edge.Sandbox.Requests);
    }

    // Empty pieces of gzip one after the other: nothing comes out of them, however many there are.
    [Fact]
    public async Task Prompt_InflatesToNothingForEver_Is413()
    {
        await using var edge = await StartAsync();
        const string Nothing = "\x1f\u008b\b\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0";
        var many = string.Concat(Enumerable.Repeat(Nothing, 2 + (Limit / Nothing.Length)));

        var answer = await RawHttp.ExchangeAsync(edge,
            RawHttp.Head(edge, "POST", "/api/generate", "Content-Encoding: gzip", "Transfer-Encoding: chunked") + $"\r\n{many.Length:x}\r\n{many}\r\n0\r\n\r\n");

        EdgeErrors.AssertProblem(answer, 413, "body_too_large");
    }

    [Fact]
    public async Task Prompt_InflatedIsAsLargeAsTheLimit_IsTaken()
    {
        await using var edge = await StartAsync();

        using var response = await Compressed.PostAsync(edge.Client, "/api/generate", Compressed.With("gzip", Prompt.PadRight(Limit)), "gzip");
        using var larger = await Compressed.PostAsync(edge.Client, "/api/generate", Compressed.With("gzip", Prompt.PadRight(Limit + 1)), "gzip");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("16384 bytes when it is inflated", (await EdgeErrors.AssertProblemAsync(larger, 413, "body_too_large"))["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("gzip,br")]
    public async Task Prompt_CutOrNotCompressedAtAll_Is400InWords(string codings)
    {
        await using var edge = await EdgeHost.StartAsync();
        var whole = Compressed.With(codings, Prompt.PadRight(2000, ' ').Replace("   ", " x ", StringComparison.Ordinal));
        byte[][] broken = [whole[..^1], whole[..^6], whole[..(whole.Length / 2)], whole[..1], Encoding.UTF8.GetBytes(Prompt), [0xff, .. whole]];

        foreach (var bytes in broken)
        {
            using var response = await Compressed.PostAsync(edge.Client, "/api/generate", bytes, codings);

            var problem = await EdgeErrors.AssertProblemAsync(response, 400, "invalid_request");
            Assert.Contains($"({codings.Replace(",", ", ", StringComparison.Ordinal)})", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        }

        Assert.Empty(edge.Sandbox.Requests);
        Assert.DoesNotContain(edge.Log.Events, line => LogCapture.Name(line) is "internal_error" or "framework");
    }

    [Fact]
    public async Task Prompt_CallerLeavesInMidBody_IsNobodysFault()
    {
        await using var edge = await EdgeHost.StartAsync();
        var bytes = Compressed.With("gzip", Prompt);
        using (var caller = await RawHttp.ConnectAsync(edge))
        {
            await caller.WriteAsync(RawHttp.Head(edge, "POST", "/api/generate", "Content-Encoding: gzip", $"Content-Length: {bytes.Length}") + "\r\n" + Encoding.Latin1.GetString(bytes[..^4]));
            caller.Reset();
        }

        Assert.Equal(HttpStatusCode.OK, (await edge.GenerateAsync()).StatusCode);
        Assert.DoesNotContain(edge.Log.Events, line => LogCapture.Name(line) is "internal_error" or "framework");
    }

    private static Task<EdgeHost> StartAsync(int limit = Limit) => EdgeHost.StartAsync(new EdgeSetup
    {
        Settings = { ["GeminiEdge:BodyLimit"] = $"{limit}", ["GeminiEdge:BufferLimit"] = $"{8 * limit}" },
    });
}
