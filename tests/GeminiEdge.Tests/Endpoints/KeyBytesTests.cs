using System.IO.Compression;
using System.Text;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Endpoints;

/// <summary>Key material in answers, however it is spelled and wherever it stands.</summary>
public class KeyBytesTests
{
    public static TheoryData<string> Spellings => ["plain", "json", "JSON", "json twice", "url", "html", "html hex", "utf-16", "utf-16be", "utf-32"];

    [Theory]
    [MemberData(nameof(Spellings))]
    public async Task Error_KeyIsSpelledInAnyWay_IsMaskedAtEqualLength(string spelling)
    {
        await using var edge = await EdgeHost.StartAsync();
        var (text, bytes) = Error(spelling, edge.Primary.Value);
        Say(edge, context => Error(context, 400, bytes));

        using var response = await edge.NativeAsync();

        Assert.Equal(400, (int)response.StatusCode);
        var passed = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal(bytes.Length, passed.Length);
        Assert.False(Holds(passed, edge.Primary.Value, text));
        Assert.Equal(bytes[..12], passed[..12]);
        Assert.Equal(bytes[^12..], passed[^12..]);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("something, else")]
    [InlineData(";;;")]
    [InlineData(null, "text/plain; charset=ibm037")]
    public async Task Error_CanNotBeSearched_IsTheEdgesOwn(string? coding, string contentType = "application/json")
    {
        await using var edge = await EdgeHost.StartAsync();
        Say(edge, context =>
        {
            var bytes = Encoding.ASCII.GetBytes(edge.Primary.Value);
            if (coding == "gzip")
            {
                using var packed = new MemoryStream();
                using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
                {
                    gzip.Write(bytes);
                }

                bytes = packed.ToArray();
            }

            context.Response.StatusCode = 422;
            context.Response.ContentType = contentType;
            context.Response.Headers.ContentEncoding = coding;
            return context.Response.Body.WriteAsync(bytes).AsTask();
        });

        await EdgeErrors.AssertGoogleAsync(await edge.NativeAsync(), 422, "upstream_rejected");
    }

    // Cut at each byte of the event, in each framing; the answer before and after it stays as it is, the key in it included.
    [Theory]
    [InlineData("streamGenerateContent?alt=sse", true)]
    [InlineData("streamGenerateContent", false)]
    public async Task Error_InMidStream_IsMaskedAtEqualLengthAndTheTextIsNot(string action, bool sse)
    {
        var offset = 0;
        byte[] answer = [];
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup
        {
            Upstream = new ScriptedUpstream(_ => ScriptedAnswer.SplitAt(offset, answer, sse ? ScriptedAnswer.EventStream : ScriptedAnswer.Json)),
        });
        var key = edge.Primary.Value;
        var escaped = string.Concat(key.Select(letter => $"\\u{(int)letter:x4}"));
        var text = GeminiChunk.Text($"a text with {escaped} in it");
        var error = GeminiChunk.Error(500, "INTERNAL", $"no such key: {key} or {escaped}");
        answer = Encoding.ASCII.GetBytes(GeminiChunk.Stream(sse, "\r\n", text, error, text));
        var masked = error.Replace(key, Stars(key), StringComparison.Ordinal).Replace(escaped, Stars(escaped), StringComparison.Ordinal);
        var expected = Encoding.ASCII.GetString(answer).Replace(error, masked, StringComparison.Ordinal);

        for (offset = 0; offset < answer.Length; offset += 7)
        {
            using var response = await edge.NativeAsync(action);
            var (passed, isWhole) = await response.ReadAllAsync();

            Assert.True(isWhole);
            Assert.Equal(expected, Encoding.ASCII.GetString(passed));
        }

        Assert.Equal("upstream_error", (await edge.Log.WaitForAsync("gemini_fail"))["verdict"]!.GetValue<string>());
    }

    // Named, numbered, unfinished, not JSON, with another name first: none is a part of a model's answer.
    [Theory]
    [InlineData("event: error\r\ndata: {\"error\":{\"message\":\"KEY\"}}\r\n\r\n")]
    [InlineData("id: 1\r\ndata: {\"code\":500,\"error\":{\"message\":\"KEY\"}}\r\n\r\n")]
    [InlineData("data: {\"id\":\"x\",\"error\":{\"message\":\"KEY\"}}\r\n\r\n")]
    [InlineData("event: error\r\ndata: API key KEY is invalid\r\n\r\n")]
    [InlineData("data: API key KEY is invalid\r\n\r\n")]
    [InlineData("data: {\"error\":{\"message\":\"KEY")]
    [InlineData("{\"error\":{\"message\":\"KEY\"")]
    public async Task Error_InMidStreamHasAnyShape_IsMasked(string shape)
    {
        var offset = 0;
        byte[] answer = [];
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Upstream = new ScriptedUpstream(_ => ScriptedAnswer.SplitAt(offset, answer, ScriptedAnswer.EventStream)) });
        var key = edge.Primary.Value;
        var text = GeminiChunk.Event(GeminiChunk.Text("one"));
        answer = Encoding.ASCII.GetBytes(text + shape.Replace("KEY", key, StringComparison.Ordinal));

        for (offset = text.Length; offset < answer.Length; offset += 3)
        {
            using var response = await edge.NativeAsync("streamGenerateContent?alt=sse");

            Assert.Equal(text + shape.Replace("KEY", Stars(key), StringComparison.Ordinal), Encoding.ASCII.GetString((await response.ReadAllAsync()).Bytes));
        }
    }

    [Fact]
    public async Task Error_InMidStreamIsTooLargeToBeSearched_EndsTheAnswer()
    {
        await using var edge = await EdgeHost.StartAsync();
        var upstream = new GatedAnswer(ScriptedAnswer.EventStream);
        edge.Sandbox.OnRequest = upstream.AnswerAsync;
        var text = GeminiChunk.Event(GeminiChunk.Text("one"));
        upstream.Send(text);
        using var response = await edge.NativeAsync("streamGenerateContent?alt=sse");
        await (await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)).ExpectAsync(text);

        upstream.Send(GeminiChunk.Event(GeminiChunk.Error(500, "INTERNAL", new string('e', 200_000) + edge.Primary.Value)));
        upstream.End();
        var (passed, isWhole) = await response.ReadAllAsync();

        Assert.Empty(passed);
        Assert.False(isWhole);
        Assert.Equal("upstream_error", (await edge.Log.WaitForAsync("gemini_fail"))["verdict"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(200)]
    [InlineData(304)]
    [InlineData(400)]
    public async Task Header_HoldsAKey_IsMasked(int status)
    {
        await using var edge = await EdgeHost.StartAsync();
        var key = edge.Secondary.Value;
        Say(edge, async context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers["x-debug"] = $"consumer={key};";
            context.Response.Headers["x-escaped"] = string.Concat(key.Select(letter => $"%{(int)letter:x2}"));
            context.Response.Headers.ETag = $"\"{key[..8]}\"";
            if (status != 304)
            {
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync("{}");
            }
        });

        using var response = await edge.Client.GetAsync("/v1beta/models/m");

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal($"consumer={Stars(key)};", response.Header("x-debug"));
        Assert.Equal(new string('*', 3 * key.Length), response.Header("x-escaped"));
        Assert.Equal("\"********\"", response.Header("ETag"));
    }

    private static (string Text, byte[] Bytes) Error(string spelling, string key)
    {
        string Each(string format) => string.Concat(key.Select(letter => string.Format(System.Globalization.CultureInfo.InvariantCulture, format, (int)letter)));
        var spelled = spelling switch
        {
            "json" => Each("\\u{0:x4}"),
            "JSON" => Each("\\u{0:X4}"),
            "json twice" => Each("\\\\u{0:x4}"),
            "url" => Each("%{0:X2}"),
            "html" => Each("&#{0};"),
            "html hex" => Each("&#x{0:x};"),
            _ => key,
        };
        var text = $$$"""{"error":{"code":400,"message":"API key {{{spelled}}} is not what it was","status":"INVALID_ARGUMENT"}}""";
        var encoding = spelling switch
        {
            "utf-16" => Encoding.Unicode,
            "utf-16be" => Encoding.BigEndianUnicode,
            "utf-32" => Encoding.UTF32,
            _ => Encoding.UTF8,
        };
        return (spelled, encoding.GetBytes(text));
    }

    private static bool Holds(byte[] bytes, string key, string spelled)
    {
        var plain = Encoding.ASCII.GetString([.. bytes.Where(one => one != 0)]);
        return plain.Contains(key[..8], StringComparison.Ordinal) || plain.Contains(spelled[..(spelled.Length / key.Length * 8)], StringComparison.Ordinal);
    }

    private static string Stars(string text) => new('*', text.Length);

    private static void Say(EdgeHost edge, Func<HttpContext, Task> answer) => edge.Sandbox.OnRequest = async context =>
    {
        await answer(context);
        return true;
    };

    private static Task Error(HttpContext context, int status, byte[] bytes)
    {
        context.Response.StatusCode = status;
        return context.Response.Body.WriteAsync(bytes).AsTask();
    }
}
