using System.Net;
using System.Text;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

public class NativeStreamTests
{
    private static readonly string[] Chunks = [GeminiChunk.Text("größe 😀 {[\\\"}]"), GeminiChunk.Text("two"), GeminiChunk.Text(" end", "STOP")];

    public static TheoryData<string, string> Framings => new()
    {
        { ScriptedAnswer.EventStream, GeminiChunk.Stream(sse: true, "\r\n", Chunks) },
        { ScriptedAnswer.EventStream, GeminiChunk.Stream(sse: true, "\n", Chunks) },
        { ScriptedAnswer.EventStream, ": comment\n\nevent: x\ndata:" + Chunks[0].Replace(",", ",\ndata: ", StringComparison.Ordinal) + "\n\ndata: [DONE]\n\n" },
        { ScriptedAnswer.EventStream, "data: " + Chunks[0] },
        { ScriptedAnswer.EventStream, GeminiChunk.Event(Chunks[0]) + "  anything\0 else" },
        { ScriptedAnswer.Json, GeminiChunk.Stream(sse: false, "\r\n", Chunks) },
        { ScriptedAnswer.Json, GeminiChunk.Stream(sse: false, "\n", Chunks) },
        { ScriptedAnswer.Json, "\n" + Chunks[0] + "\n\n" },
    };

    [Theory]
    [MemberData(nameof(Framings))]
    public async Task Stream_SplitAtAnyByte_PassesByteForByte(string contentType, string answer)
    {
        var bytes = Encoding.UTF8.GetBytes(answer);
        var offset = 0;
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup
        {
            Upstream = new ScriptedUpstream(_ => ScriptedAnswer.SplitAt(offset, bytes, contentType)),
        });

        for (; offset <= bytes.Length; offset++)
        {
            using var response = await edge.NativeAsync("streamGenerateContent");
            Assert.Equal(contentType, response.Content.Headers.ContentType!.ToString());
            var (passed, isWhole) = await response.ReadAllAsync();
            Assert.True(isWhole);
            Assert.Equal(bytes, passed);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_UpstreamSendsAChunk_TheClientHasItBeforeTheNext(bool sse)
    {
        await using var edge = await EdgeHost.StartAsync();
        var upstream = new GatedAnswer(sse ? ScriptedAnswer.EventStream : ScriptedAnswer.Json);
        edge.Sandbox.OnRequest = upstream.AnswerAsync;
        string[] pieces = sse ? [.. Chunks.Select(chunk => GeminiChunk.Event(chunk))] : ["[" + Chunks[0], ",\r\n" + Chunks[1], ",\r\n" + Chunks[2], "]\n"];
        var pending = edge.NativeAsync("streamGenerateContent" + (sse ? "?alt=sse" : ""));
        await upstream.Asked;
        upstream.Send(pieces[0]);
        using var response = await pending;
        await using var answer = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);

        await answer.ExpectAsync(pieces[0]);
        foreach (var piece in pieces[1..])
        {
            upstream.Send(piece);
            await answer.ExpectAsync(piece);
        }

        upstream.End();
        Assert.Equal(0, await answer.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        var logged = await edge.Log.WaitForAsync("gemini_ok");
        Assert.Equal((3, 5), (logged["prompt_tokens"]!.GetValue<int>(), logged["output_tokens"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData(ScriptedAnswer.EventStream, "data: {\"text\":\"")]
    [InlineData(ScriptedAnswer.Json, "[{\"text\":\"")]
    [InlineData(ScriptedAnswer.Json, "{\"text\":\"")]
    public async Task Stream_FirstPieceIsLarge_GoesOutUnread(string contentType, string start)
    {
        await using var edge = await EdgeHost.StartAsync();
        var upstream = new GatedAnswer(contentType);
        edge.Sandbox.OnRequest = upstream.AnswerAsync;
        var begun = start + new string('x', 64 * 1024);
        var rest = "\"}" + (start[0] == 'd' ? "\r\n\r\n" : start[0] == '[' ? "]" : "");

        upstream.Send(begun);
        using var response = await edge.NativeAsync("streamGenerateContent");
        await using var answer = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await answer.ExpectAsync(begun);
        upstream.Send(rest);
        upstream.End();
        await answer.ExpectAsync(rest);

        Assert.Equal(0, await answer.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await edge.Log.WaitForAsync("gemini_ok");
    }

    [Fact]
    public async Task Stream_ManyShortLinesBeforeTheFirstEvent_GoOutUnread()
    {
        await using var edge = await EdgeHost.StartAsync();
        var upstream = new GatedAnswer(ScriptedAnswer.EventStream);
        edge.Sandbox.OnRequest = upstream.AnswerAsync;
        var comments = string.Concat(Enumerable.Repeat(": wait\r\n\r\n", 7_000));

        upstream.Send(comments);
        using var response = await edge.NativeAsync("streamGenerateContent?alt=sse");
        await using var answer = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);

        await answer.ExpectAsync(comments);
    }

    [Fact]
    public async Task OpenAiStream_IsLoggedAsStreamed()
    {
        await using var edge = await EdgeHost.StartAsync();

        using var response = await edge.PostAsync("/v1beta/openai/chat/completions", """{"model":"gemini-flash-latest","stream":true,"messages":[{"role":"user","content":"Hi"}]}""");

        Assert.True((await response.ReadAllAsync()).IsWhole);
        Assert.True((await edge.Log.WaitForAsync("gemini_ok"))["streamed"]!.GetValue<bool>());
    }
}
