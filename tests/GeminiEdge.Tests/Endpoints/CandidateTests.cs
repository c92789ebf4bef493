using System.Net;
using System.Text;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Endpoints;

/// <summary>Who asks for several candidates is given the first one's text, whole and streamed, in whatever order they come.</summary>
public class CandidateTests
{
    private const string Cut = """{"content":{"parts":[{"text":"one"}]},"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"A call was malformed.","index":0}""";
    private const string First = """{"content":{"parts":[{"text":"one"}]},"finishReason":"STOP","index":0}""";
    private const string Unnumbered = """{"content":{"parts":[{"text":"one"}]},"finishReason":"STOP"}""";
    private const string Second = """{"content":{"parts":[{"text":"two"}]},"finishReason":"MAX_TOKENS","index":1}""";
    private const string Third = """{"content":{"parts":[{"text":"three"}]},"finishReason":"SAFETY","index":2}""";

    [Theory]
    [InlineData(First, Second)]
    [InlineData(Second, First)]
    [InlineData(Third, Second, Unnumbered)]
    [InlineData(Unnumbered, Second)]
    [InlineData(Unnumbered)]
    public async Task Answer_OfSeveralCandidates_IsTheFirstOnes(params string[] candidates)
    {
        await using var edge = await AnsweringAsync(ScriptedAnswer.Json, Chunk(candidates));
        await using var streaming = await AnsweringAsync(ScriptedAnswer.EventStream, GeminiChunk.Event(Chunk(candidates)));

        using var response = await edge.GenerateAsync();
        var answer = await EdgeHost.JsonAsync(response);
        var events = await (await streaming.GenerateAsync(stream: true)).ReadEventsAsync();

        Assert.Equal(("one", "STOP"), (answer["text"]!.GetValue<string>(), answer["finishReason"]!.GetValue<string>()));
        Assert.Equal(("one", "done", "STOP"), (events.Text(), events[^1].Name, events[^1].Data["finishReason"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Answer_WithWordsAboutItsEnd_PassesThemOn()
    {
        await using var edge = await AnsweringAsync(ScriptedAnswer.Json, Chunk(Cut));
        await using var streaming = await AnsweringAsync(ScriptedAnswer.EventStream, GeminiChunk.Event(Chunk(Cut)));

        var answer = await EdgeHost.JsonAsync(await edge.GenerateAsync());
        var events = await (await streaming.GenerateAsync(stream: true)).ReadEventsAsync();

        Assert.Equal("A call was malformed.", answer["finishMessage"]!.GetValue<string>());
        Assert.Equal("A call was malformed.", events[^1].Data["finishMessage"]!.GetValue<string>());
    }

    [Fact]
    public async Task Answer_WithoutTheFirstCandidate_HasNoText()
    {
        await using var edge = await AnsweringAsync(ScriptedAnswer.Json, Chunk(Second));

        using var response = await edge.GenerateAsync();

        var answer = await EdgeHost.JsonAsync(response);
        Assert.Equal((HttpStatusCode.OK, "", null), (response.StatusCode, answer["text"]!.GetValue<string>(), answer["finishReason"]));
    }

    [Fact]
    public async Task Stream_CandidatesInTurn_GivesTheFirstOnesTextAndSendsNothingForTheOthers()
    {
        const string Part = """{"content":{"parts":[{"text":"WORD"}]},"index":INDEX}""";
        string[] chunks =
        [
            Chunk(Part.Replace("WORD", "Once", StringComparison.Ordinal).Replace("INDEX", "0", StringComparison.Ordinal)),
            Chunk(Part.Replace("WORD", "It was", StringComparison.Ordinal).Replace("INDEX", "1", StringComparison.Ordinal)),
            Chunk(Part.Replace("WORD", " upon", StringComparison.Ordinal).Replace(""","index":INDEX""", "", StringComparison.Ordinal)),
            Chunk("""{"finishReason":"STOP","index":0}"""),
            Chunk("""{"content":{"parts":[{"text":" a dark"}]},"finishReason":"MAX_TOKENS","index":1}"""),
        ];
        await using var edge = await AnsweringAsync(ScriptedAnswer.EventStream, GeminiChunk.Stream(sse: true, chunks: chunks));

        var text = Encoding.UTF8.GetString((await (await edge.GenerateAsync(stream: true)).ReadAllAsync()).Bytes);

        Assert.StartsWith("data: {\"text\":\"Once\"}\n\ndata: {\"text\":\" upon\"}\n\nevent: done\ndata: {\"model\":null,\"finishReason\":\"STOP\"", text, StringComparison.Ordinal);
    }

    // The second one's end is no end of the answer.
    [Fact]
    public async Task Stream_EndsBeforeTheFirstCandidateDoes_IsCut()
    {
        await using var edge = await AnsweringAsync(ScriptedAnswer.EventStream, GeminiChunk.Event(Chunk("""{"content":{"parts":[{"text":"one"}]}}""")) + GeminiChunk.Event(Chunk(Second)));

        var events = await (await edge.GenerateAsync(stream: true)).ReadEventsAsync();

        Assert.Equal(("one", "error", "upstream_cut"), (events.Text(), events[^1].Name, events[^1].Data["code"]!.GetValue<string>()));
    }

    private static string Chunk(params IEnumerable<string> candidates) => $$"""{"candidates":[{{string.Join(',', candidates)}}]}""";

    private static Task<EdgeHost> AnsweringAsync(string contentType, string body) =>
        EdgeHost.StartAsync(new EdgeSetup { Upstream = new ScriptedUpstream(_ => ScriptedAnswer.Of(contentType, Encoding.UTF8.GetBytes(body))) });
}
