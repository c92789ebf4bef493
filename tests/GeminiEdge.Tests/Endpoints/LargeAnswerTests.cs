using System.Net;
using System.Text;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GeminiEdge.Tests.Endpoints;

/// <summary>Answers that are put together in memory: they count there, and are in it once.</summary>
public class LargeAnswerTests
{
    private static readonly string Long = new('x', 100_000);

    public static TheoryData<string, string> Texts => new()
    {
        { $$$$"""[{"text":"{{{{Long}}}}"}]""", Long },
        { $$$$"""[{"text":"{{{{Long}}}} \u00e9 \" \\ \n"},{"text":"and {{{{Long}}}} 漢"}]""", Long + " é \" \\ \nand " + Long + " 漢" },
        { $$$$"""[{"thought":true,"text":"{{{{Long}}}}"},{"text":"short"}]""", "short" },
        { $$$$"""[{"inlineData":{"mimeType":"image/png","data":"{{{{Long}}}}"}},{"text":"a picture"}]""", "a picture" },
        { $$$$"""[{"functionCall":{"name":"f","args":{"text":"{{{{Long}}}}"}}},{"text":"called"}]""", "called" },
        { $$$$"""[{"functionCall":{"name":"f","args":{"\ud800":1}}},{"text":"{{{{Long}}}}"}]""", Long },
        { $$$$"""[{"text":"{{{{Long}}}}\ud83d"},{"text":"\ud83d\ude00"}]""", Long + "\ufffd\U0001F600" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task Generate_AnswerIsLarge_SaysTheSameAsASmallOne(string parts, string text)
    {
        var answer = $$$"""{"candidates":[{"index":1,"content":{"parts":[{"text":"of another candidate"}]}},{"content":{"parts":{{{parts}}}},"finishReason":"STOP","finishMessage":"done"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":5,"totalTokenCount":8},"modelVersion":"m-1"}""";
        await using var edge = await StartAsync(answer);

        using var response = await edge.GenerateAsync();

        var json = await EdgeHost.JsonAsync(response);
        Assert.Equal(["text", "model", "finishReason", "finishMessage", "usage"], json.Select(field => field.Key));
        Assert.Equal((text, "m-1", "STOP", "done", 8),
            (json["text"]!.GetValue<string>(), json["model"]!.GetValue<string>(), json["finishReason"]!.GetValue<string>(), json["finishMessage"]!.GetValue<string>(), json["usage"]!["totalTokens"]!.GetValue<int>()));
        Assert.NotNull(response.Content.Headers.ContentLength);
        await Eventually.IsAsync(() => Budget(edge).Used == 0);
    }

    [Fact]
    public async Task Generate_AnswerHasNoRoom_IsOverloadedAndTheKeyIsNotBlamed()
    {
        await using var edge = await StartAsync(GeminiChunk.Text(new string('x', 2_000_000), "STOP"), bufferLimit: 600_000);

        await EdgeErrors.AssertProblemAsync(await edge.GenerateAsync(), 503, "overloaded");

        await edge.Log.WaitForAsync("gemini_ok");
        Assert.Equal(HttpStatusCode.OK, (await edge.GetAsync("/api/health")).StatusCode);
        await Eventually.IsAsync(() => Budget(edge).Used == 0);
    }

    [Fact]
    public async Task Generate_PieceOfAStreamHasNoRoom_IsSaidAndNotBlamedOnTheUpstream()
    {
        var small = GeminiChunk.Event(GeminiChunk.Text("one"));
        var large = GeminiChunk.Event(GeminiChunk.Text(new string('x', 2_000_000), "STOP"));
        await using var edge = await StartAsync(small + large, bufferLimit: 600_000, ScriptedAnswer.EventStream);

        var events = await (await edge.GenerateAsync(stream: true)).ReadEventsAsync();

        Assert.Equal(("one", "error", "overloaded"), (events[0].Data["text"]!.GetValue<string>(), events[^1].Name, events[^1].Data["code"]!.GetValue<string>()));
        Assert.Equal("ok", (await edge.Log.WaitForAsync("attempt", 1))[0]["verdict"]!.GetValue<string>());
        await Eventually.IsAsync(() => Budget(edge).Used == 0);
    }

    // While it waits for its caller to read, the answer counts.
    [Fact]
    public async Task Generate_AnswerIsRead_CountsInTheBudget()
    {
        await using var edge = await StartAsync(GeminiChunk.Text(new string('x', 40_000_000), "STOP"), bufferLimit: 200_000_000);

        using var response = await edge.GenerateAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.InRange(Budget(edge).Used, 40_000_000, 100_000_000);
        Assert.True((await response.ReadAllAsync()).IsWhole);
        await Eventually.IsAsync(() => Budget(edge).Used == 0);
    }

    private static Task<EdgeHost> StartAsync(string answer, int bufferLimit = 50_000_000, string contentType = ScriptedAnswer.Json) => EdgeHost.StartAsync(new EdgeSetup
    {
        Settings = { ["GeminiEdge:BodyLimit"] = "100000", ["GeminiEdge:BufferLimit"] = $"{bufferLimit}" },
        Upstream = new ScriptedUpstream(_ => ScriptedAnswer.Of(contentType, Encoding.UTF8.GetBytes(answer))),
    });

    private static MemoryBudget Budget(EdgeHost edge) => edge.Services.GetRequiredService<MemoryBudget>();
}
