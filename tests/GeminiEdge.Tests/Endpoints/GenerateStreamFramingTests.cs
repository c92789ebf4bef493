using System.Text;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Endpoints;

public class GenerateStreamFramingTests
{
    // Two, three and four bytes a character, braces and quotes in the text.
    private const string Tricky = """größe 你好 😀 {[\"}] \\""";

    private static readonly string[] Chunks = [GeminiChunk.Text("One "), GeminiChunk.Text(Tricky), GeminiChunk.Text(" end.", "STOP")];

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    public async Task Stream_SplitAtAnyByte_GivesTheSameEvents(string newline)
    {
        var bytes = Encoding.UTF8.GetBytes(GeminiChunk.Stream(sse: true, newline, Chunks));
        var offset = 0;
        await using var edge = await StartAsync(() => ScriptedAnswer.SplitAt(offset, bytes, ScriptedAnswer.EventStream));
        var whole = await BytesAsync(edge);

        for (offset = 1; offset < bytes.Length; offset++)
        {
            Assert.Equal(whole, await BytesAsync(edge));
        }

        Assert.Equal("""One größe 你好 😀 {["}] \ end.""", Text(whole));
    }

    [Fact]
    public async Task Stream_EachByteAlone_GivesTheSameEvents()
    {
        var bytes = Encoding.UTF8.GetBytes(GeminiChunk.Stream(sse: true, chunks: Chunks));
        await using var edge = await StartAsync(() => ScriptedAnswer.Of(ScriptedAnswer.EventStream, bytes.Select(b => new[] { b })));

        Assert.Equal("""One größe 你好 😀 {["}] \ end.""", Text(await BytesAsync(edge)));
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    public async Task Stream_EventOfManyLines_IsOneEvent(string newline)
    {
        var lines = string.Concat(GeminiChunk.Text("One", "STOP").Split("],").Select((part, i) => $"data:{(i == 0 ? " " : "],")}{part}{newline}"));
        await using var edge = await StartAsync(() => ScriptedAnswer.Of(
            ScriptedAnswer.EventStream, Encoding.UTF8.GetBytes($": a comment{newline}{newline}event: message{newline}id: 7{newline}{lines}{newline}")));

        var events = await (await edge.GenerateAsync(stream: true)).ReadEventsAsync();

        Assert.Equal(("One", "done"), (events.Text(), events[^1].Name));
    }

    [Fact]
    public async Task Stream_LastEventLacksItsBlankLine_StillCounts()
    {
        await using var edge = await StartAsync(() => ScriptedAnswer.Of(
            ScriptedAnswer.EventStream, Encoding.UTF8.GetBytes(GeminiChunk.Event(GeminiChunk.Text("One")) + "data: " + GeminiChunk.Text(" two", "STOP"))));

        var events = await (await edge.GenerateAsync(stream: true)).ReadEventsAsync();

        Assert.Equal(("One two", "done"), (events.Text(), events[^1].Name));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_ChunkOfAMegabyte_ArrivesWhole(bool isFirst)
    {
        var large = string.Concat(Enumerable.Repeat("{äöü} ", 150_000));
        string[] chunks = [.. isFirst ? [] : new[] { GeminiChunk.Text("small ") }, GeminiChunk.Text(large), GeminiChunk.Text("end", "STOP")];
        await using var edge = await StartAsync(() => ScriptedAnswer.Of(
            ScriptedAnswer.EventStream, Encoding.UTF8.GetBytes(GeminiChunk.Stream(sse: true, chunks: chunks)).Chunk(10_007)));

        var events = await (await edge.GenerateAsync(stream: true)).ReadEventsAsync();

        Assert.Equal($"{(isFirst ? "" : "small ")}{large}end", events.Text());
        Assert.Equal("done", events[^1].Name);
    }

    private static Task<EdgeHost> StartAsync(Func<ScriptedAnswer> answer) =>
        EdgeHost.StartAsync(new EdgeSetup { Upstream = new ScriptedUpstream(_ => answer()) });

    private static async Task<byte[]> BytesAsync(EdgeHost edge) => (await (await edge.GenerateAsync(stream: true)).ReadAllAsync()).Bytes;

    private static string Text(byte[] stream) => string.Concat(Encoding.UTF8.GetString(stream).Split("\n\n")
        .Where(e => e.StartsWith("data: ", StringComparison.Ordinal))
        .Select(e => System.Text.Json.Nodes.JsonNode.Parse(e["data: ".Length..])!["text"]!.GetValue<string>()));
}
