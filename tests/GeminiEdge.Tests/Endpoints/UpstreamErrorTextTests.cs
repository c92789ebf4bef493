using System.Net;
using System.Text;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Endpoints;

public class UpstreamErrorTextTests
{
    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(422)]
    public async Task Native_ErrorIsTenMegabytes_PassesThroughMaskedAtEqualLength(int status)
    {
        await using var edge = await EdgeHost.StartAsync();
        var (key, stars) = (edge.Primary.Value, new string('*', edge.Primary.Value.Length));
        var filler = new string('e', 100_003);
        var text = string.Concat(Enumerable.Repeat($"{filler} {key}", 100));
        Say(edge, status, [text]);

        var response = await edge.NativeAsync();

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(text.Replace(key, stars, StringComparison.Ordinal), await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Native_KeyStraddlesTheChunksOfAnError_IsMaskedWhereverItIsCut()
    {
        await using var edge = await EdgeHost.StartAsync();
        var (key, stars) = (edge.Secondary.Value, new string('*', edge.Secondary.Value.Length));
        for (var cut = 1; cut < key.Length; cut++)
        {
            Say(edge, 400, ["a " + key[..cut], key[cut..] + " z"]);

            var response = await edge.NativeAsync();

            Assert.Equal($"a {stars} z", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Native_KeyArrivesAByteAtATime_IsMasked()
    {
        await using var edge = await EdgeHost.StartAsync();
        Say(edge, 400, [.. $"no {edge.Primary.Value}!".Select(one => one.ToString())]);

        var response = await edge.NativeAsync();

        Assert.Equal($"no {new string('*', edge.Primary.Value.Length)}!", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    // Where the buffers of 4 KiB and the 64 KiB that are judged end.
    [Theory]
    [InlineData(4096)]
    [InlineData(64 * 1024)]
    [InlineData(68 * 1024)]
    [InlineData(128 * 1024)]
    public async Task Native_KeyStandsWhereABufferEnds_IsMasked(int border)
    {
        await using var edge = await EdgeHost.StartAsync();
        var (key, stars) = (edge.Primary.Value, new string('*', edge.Primary.Value.Length));
        for (var before = 1; before < key.Length; before += 5)
        {
            var filler = new string('e', border - before);
            Say(edge, 400, [filler + key + "end"]);

            var response = await edge.NativeAsync();

            Assert.Equal(filler + stars + "end", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(7, false)]
    public async Task Native_PieceOfAKeyInAnError_IsMaskedFromEightCharactersOn(int length, bool masked)
    {
        await using var edge = await EdgeHost.StartAsync();
        var piece = edge.Primary.Value.Substring(3, length);
        Say(edge, 400, [$"<{piece}>"]);

        var response = await edge.NativeAsync();

        Assert.Equal(masked ? $"<{new string('*', length)}>" : $"<{piece}>", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Native_KeyInTheHeadersOfAnError_IsMasked()
    {
        await using var edge = await EdgeHost.StartAsync();
        Say(edge, 400, ["x"], context => context.Response.Headers["x-debug"] = "key=" + edge.Primary.Value);

        var response = await edge.NativeAsync();

        Assert.Equal("key=" + new string('*', edge.Primary.Value.Length), response.Headers.GetValues("x-debug").Single());
    }

    [Theory]
    [InlineData("""{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"MESSAGE"}}""")]
    [InlineData("""[{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"MESSAGE"}}]""")]
    [InlineData("<html>MESSAGE</html>")]
    public async Task Generate_ErrorIsTenMegabytes_IsAClearErrorWithoutThem(string shape)
    {
        await using var edge = await EdgeHost.StartAsync();
        Say(edge, 400, [shape.Replace("MESSAGE", edge.Primary.Value + new string('e', 10 << 20), StringComparison.Ordinal)]);

        var response = await edge.GenerateAsync();

        await EdgeErrors.AssertProblemAsync(response, 400, "upstream_rejected");
        Assert.True(response.Content.Headers.ContentLength < 4096);
    }

    [Fact]
    public async Task Generate_ErrorHoldsTheKey_IsMaskedInEveryField()
    {
        await using var edge = await EdgeHost.StartAsync();
        Say(edge, 400, [$$$"""{"error":{"code":400,"status":"{{{edge.Primary.Value}}}","message":"no such key: {{{edge.Secondary.Value}}}"}}"""]);

        var problem = await EdgeErrors.AssertProblemAsync(await edge.GenerateAsync(), 400, "upstream_rejected");

        Assert.Equal("no such key: " + new string('*', edge.Secondary.Value.Length), problem["detail"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.OK, (await edge.GetAsync("/api/health")).StatusCode);
    }

    // Writers of JSON may spell any character as \u0041; a parser gives the key back.
    [Fact]
    public async Task Generate_ErrorHoldsTheKeyEscaped_IsMasked()
    {
        await using var edge = await EdgeHost.StartAsync();
        var escaped = string.Concat(edge.Primary.Value.Select(one => $"\\u{(int)one:x4}"));
        Say(edge, 400, [$$$"""{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"{{{escaped}}}"}}"""]);

        var problem = await EdgeErrors.AssertProblemAsync(await edge.GenerateAsync(), 400, "upstream_rejected");

        Assert.Equal(new string('*', edge.Primary.Value.Length), problem["detail"]!.GetValue<string>());
    }

    private static void Say(EdgeHost edge, int status, string[] pieces, Action<HttpContext>? change = null) => edge.Sandbox.OnRequest = async context =>
    {
        context.Response.StatusCode = status;
        change?.Invoke(context);
        foreach (var piece in pieces)
        {
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(piece));
            await context.Response.Body.FlushAsync();
        }

        return true;
    };
}
