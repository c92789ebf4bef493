using System.Net;
using GeminiEdge.Tests.Keys;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Endpoints;

public class GenerateStreamTests
{
    private static readonly string Overloaded = GeminiChunk.Error(503, "UNAVAILABLE", "This model is currently experiencing high demand.");

    [Fact]
    public async Task Stream_UpstreamSendsAChunk_TheClientHasItBeforeTheNext()
    {
        await using var edge = await EdgeHost.StartAsync();
        var upstream = Gate(edge);
        var pending = edge.GenerateAsync(stream: true);
        upstream.Send(GeminiChunk.Event(GeminiChunk.Text("word 0 ")));
        using var response = await pending;
        await using var answer = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);

        for (var i = 1; i <= 5; i++)
        {
            await answer.ExpectAsync($"data: {{\"text\":\"word {i - 1} \"}}\n\n");
            upstream.Send(GeminiChunk.Event(GeminiChunk.Text($"word {i} ", i == 5 ? "STOP" : null)));
        }

        upstream.End();
        await answer.ExpectAsync("data: {\"text\":\"word 5 \"}\n\n");
        await answer.ExpectAsync("event: done\ndata: {\"model\":\"gemini-3.8-flash\",\"finishReason\":\"STOP\",\"usage\":{\"promptTokens\":3,\"outputTokens\":5,\"totalTokens\":8}}\n\n");
        Assert.Equal(0, await answer.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var logged = await edge.Log.WaitForAsync("gemini_ok");
        Assert.Equal((true, true, 3, 5),
            (logged["streamed"]!.GetValue<bool>(), logged["committed"]!.GetValue<bool>(),
            logged["prompt_tokens"]!.GetValue<int>(), logged["output_tokens"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Stream_ThoughtsAndSeveralParts_GivesTheTextOfTheOthersJoined()
    {
        await using var edge = await StartAsync(
            GeminiChunk.Parts("""[{"text":"Let me think.","thought":true}]"""),
            GeminiChunk.Parts("""[{"text":"One"},{"text":"hm","thought":true},{"inlineData":{}},{"text":" two"}]"""),
            GeminiChunk.Parts("[]", "MAX_TOKENS"));

        var events = await (await edge.GenerateAsync(stream: true)).ReadEventsAsync();

        Assert.Equal(2, events.Count);
        Assert.Equal("""{"text":"One two"}""", events[0].Data.ToJsonString());
        Assert.Equal(("done", "MAX_TOKENS"), (events[1].Name, events[1].Data["finishReason"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Stream_ThoughtTokens_CountAsOutput()
    {
        await using var edge = await StartAsync(
            GeminiChunk.Text("a"),
            """{"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"thoughtsTokenCount":4,"totalTokenCount":7}}""");

        var events = await (await edge.GenerateAsync(stream: true)).ReadEventsAsync();

        Assert.Equal("""{"promptTokens":1,"outputTokens":6,"totalTokens":7}""", events[^1].Data["usage"]!.ToJsonString());
        Assert.Equal("gemini-3.8-flash", events[^1].Data["model"]!.GetValue<string>());
    }

    [Fact]
    public async Task Stream_PromptIsBlocked_IsDoneWithTheReasonAndNoText()
    {
        await using var edge = await StartAsync("""{"promptFeedback":{"blockReason":"SAFETY"},"modelVersion":"gemini-3.8-flash"}""");

        var (name, data) = Assert.Single(await (await edge.GenerateAsync(stream: true)).ReadEventsAsync());

        Assert.Equal(("done", "SAFETY", null), (name, data["blockReason"]!.GetValue<string>(), data["finishReason"]));
        await edge.Log.WaitForAsync("gemini_ok");
    }

    [Fact]
    public async Task Generate_PromptIsBlocked_Answers200WithTheReasonAndNoText()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup
        {
            Upstream = new ScriptedUpstream(ScriptedAnswer.Of(ScriptedAnswer.Json, """{"promptFeedback":{"blockReason":"OTHER"}}"""u8.ToArray())),
        });

        var response = await edge.GenerateAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var answer = await EdgeHost.JsonAsync(response);
        Assert.Equal(("", "OTHER"), (answer["text"]!.GetValue<string>(), answer["blockReason"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("error", "upstream_rejected", "overloaded")]
    [InlineData("error event", "upstream_rejected", "overloaded")]
    [InlineData("cut", "upstream_cut", "network")]
    [InlineData("end", "upstream_cut", "network")]
    public async Task Stream_FailsAfterTheFirstEvent_EndsWithErrorAndNotDone(string how, string code, string verdict)
    {
        await using var edge = await EdgeHost.StartAsync();
        var upstream = Gate(edge);
        var pending = edge.GenerateAsync(stream: true);
        upstream.Send(GeminiChunk.Event(GeminiChunk.Text("Once")));
        using var response = await pending;
        Fail(upstream, how);

        var events = await response.ReadEventsAsync();

        Assert.Equal(new[] { null, "error" }, events.Select(e => e.Name));
        Assert.Equal("Once", events.Text());
        Assert.Equal(code, events[1].Data["code"]!.GetValue<string>());
        Assert.Equal(response.Header("x-request-id"), events[1].Data["request_id"]!.GetValue<string>());
        var logged = Assert.Single(await edge.Log.WaitForAsync("attempt", 1));
        Assert.Equal(("gemini_fail", verdict, true),
            (logged["event"]!.GetValue<string>(), logged["verdict"]!.GetValue<string>(), logged["committed"]!.GetValue<bool>()));
        Assert.Single(edge.Sandbox.Requests);
    }

    [Fact]
    public async Task Stream_IsSilentForTooLong_EndsWithErrorAndHarmsNoKey()
    {
        var time = new FakeTimeProvider();
        var upstream = new ScriptedAnswer(ScriptedAnswer.EventStream);
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Time = time, Upstream = new ScriptedUpstream(upstream) });
        upstream.Send(GeminiChunk.Event(GeminiChunk.Text("Once")));
        using var response = await edge.GenerateAsync(stream: true);

        await upstream.WaitUntilStarvedAsync();
        time.Advance(TimeSpan.FromSeconds(199));
        upstream.Send(GeminiChunk.Event(GeminiChunk.Text(" upon")));
        await upstream.WaitUntilStarvedAsync();
        time.Advance(TimeSpan.FromSeconds(200));
        var events = await response.ReadEventsAsync();

        Assert.Equal("Once upon", events.Text());
        Assert.Equal(("error", "deadline_exceeded"), (events[^1].Name, events[^1].Data["code"]!.GetValue<string>()));
        Assert.Equal("upstream_timeout", (await edge.Log.WaitForAsync("gemini_fail"))["verdict"]!.GetValue<string>());
        Assert.True(edge.Ring.Keys[0].Health.IsAvailable("gemini-flash-latest"));
    }

    [Fact]
    public async Task Stream_ErrorAfterTheFirstEventHoldsTheKey_MasksIt()
    {
        await using var edge = await EdgeHost.StartAsync();
        var upstream = Gate(edge);
        upstream.Send(GeminiChunk.Event(GeminiChunk.Text("Once"))
            + GeminiChunk.Error(403, "PERMISSION_DENIED", $"Consumer 'api_key:{edge.Primary.Value}' has been suspended."));
        upstream.End();

        var events = await (await edge.GenerateAsync(stream: true)).ReadEventsAsync();

        Assert.Contains("Consumer 'api_key:", events[^1].Data["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private static void Fail(GatedAnswer upstream, string how)
    {
        switch (how)
        {
            case "error":
                upstream.Send(Overloaded + "\r\n");
                upstream.End();
                break;
            case "error event":
                upstream.Send(GeminiChunk.Event(Overloaded));
                upstream.End();
                break;
            case "cut":
                upstream.Cut();
                break;
            default:
                upstream.End();
                break;
        }
    }

    private static GatedAnswer Gate(EdgeHost edge)
    {
        var upstream = new GatedAnswer(ScriptedAnswer.EventStream);
        edge.Sandbox.OnRequest = upstream.AnswerAsync;
        return upstream;
    }

    private static Task<EdgeHost> StartAsync(params IEnumerable<string> chunks) => EdgeHost.StartAsync(new EdgeSetup
    {
        Upstream = new ScriptedUpstream(ScriptedAnswer.Of(
            ScriptedAnswer.EventStream, System.Text.Encoding.UTF8.GetBytes(GeminiChunk.Stream(sse: true, chunks: chunks)))),
    });
}
