using System.Net;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>What a caller can have written says nothing about a key.</summary>
public class PoisonTests
{
    private static readonly string Leaked = GeminiChunk.Error(403, "PERMISSION_DENIED", "Your API key was reported as leaked. Please use another API key.");

    [Theory]
    [InlineData("GET", "/v1beta/files/x", "text/event-stream")]
    [InlineData("GET", "/v1beta/files/x:download?alt=media", "text/event-stream")]
    [InlineData("GET", "/v1beta/files/x?alt=media", "application/json")]
    [InlineData("GET", "/v1beta/models", "text/event-stream")]
    [InlineData("GET", "/v1beta/anything", "text/event-stream")]
    [InlineData("GET", "/download/v1beta/files/x:download?alt=media", "text/event-stream")]
    [InlineData("GET", "/v1beta/interactions/x?stream=true", "text/event-stream")]
    [InlineData("GET", "/v1beta/openai/files/x/content", "text/event-stream")]
    [InlineData("POST", "/v1beta/interactions/x:cancel", "application/json")]
    [InlineData("POST", "/v1beta/fileSearchStores/x:importFile", "text/event-stream")]
    [InlineData("POST", "/v1beta/batches/x:cancel", "application/json")]
    public async Task Success_WhoseWordsAnotherWrote_IsNoVerdict(string verb, string target, string contentType)
    {
        await using var edge = await AnsweringAsync(contentType, contentType == ScriptedAnswer.EventStream ? $"data: {Leaked}\n\n" : Leaked);

        using var response = await edge.Client.SendAsync(new HttpRequestMessage(new HttpMethod(verb), target));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("reported as leaked", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("ok", (await edge.Log.WaitForAsync("gemini_ok"))["verdict"]!.GetValue<string>());
        Assert.Single(edge.Sandbox.Requests);
        Assert.All(edge.Ring.Keys, key => Assert.True(key.Health.IsCandidate(new(CallKind.Generate, "gemini-flash-latest"))));
    }

    // The model's own text, whole and in a stream, before and after what is looked at first.
    [Theory]
    [InlineData("generateContent")]
    [InlineData("streamGenerateContent?alt=sse")]
    [InlineData("streamGenerateContent")]
    public async Task Text_ThatSpellsAnError_IsAText(string action)
    {
        var quoted = "data: " + Leaked.Replace("\"", "\\\"", StringComparison.Ordinal) + "\\n\\n";
        var chunk = GeminiChunk.Text(quoted, "STOP");
        var body = action == "generateContent" ? chunk : GeminiChunk.Stream(action.Contains("sse", StringComparison.Ordinal), "\r\n", chunk, chunk);
        await using var edge = await AnsweringAsync(action.Contains("sse", StringComparison.Ordinal) ? ScriptedAnswer.EventStream : ScriptedAnswer.Json, body);

        using var response = await edge.NativeAsync(action);

        Assert.Equal(body, await response.Content.ReadAsStringAsync());
        await edge.Log.WaitForAsync("gemini_ok");
        Assert.Single(edge.Sandbox.Requests);
    }

    private static async Task<EdgeHost> AnsweringAsync(string contentType, string body)
    {
        var edge = await EdgeHost.StartAsync();
        edge.Sandbox.OnRequest = async context =>
        {
            context.Response.ContentType = contentType;
            await context.Response.WriteAsync(body);
            return true;
        };
        return edge;
    }
}
