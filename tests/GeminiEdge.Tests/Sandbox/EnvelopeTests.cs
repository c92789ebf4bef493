using System.Text.Json.Nodes;
using GeminiEdge.Sandbox.Gemini;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Sandbox;

public class EnvelopeTests
{
    [Theory]
    [InlineData(":generateContent", "application/json", false)]
    [InlineData(":streamGenerateContent?alt=sse", "text/event-stream", false)]
    [InlineData(":streamGenerateContent", "application/json", true)]
    public async Task Error_NativeRoute_HasTheEnvelopeOfTheRoute(string verb, string contentType, bool array)
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey(state: SandboxKeyState.QuotaDay);

        var reply = await client.PostAsync($"/v1beta/models/{SandboxClient.Model}{verb}", SandboxClient.Prompt, key);

        Assert.Equal((429, contentType, array), (reply.Status, reply.ContentType, reply.Json is JsonArray));
        Assert.Equal("RESOURCE_EXHAUSTED", reply.Error["status"]!.GetValue<string>());
        Assert.Contains("PerDay", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Error_OpenAiRoute_IsAnArrayOfOne()
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey(state: SandboxKeyState.Leaked);

        var reply = await client.SendAsync(HttpMethod.Get, "/v1beta/openai/models", null, ("Authorization", $"Bearer {key.Value}"));

        Assert.Equal((403, true), (reply.Status, reply.Json is JsonArray));
        Assert.Null(reply.Error["details"]);
    }

    [Fact]
    public async Task Stream_WithSse_SendsCrLfFramesThatShareOneResponseId()
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.PostAsync(
            $"/v1beta/models/{SandboxClient.Model}:streamGenerateContent?alt=sse", SandboxClient.Prompt, client.Sandbox.AddKey());

        var frames = reply.Text.Split("\r\n\r\n")[..^1];
        var chunks = frames.Select(frame => JsonNode.Parse(frame["data: ".Length..])!).ToArray();
        Assert.True(chunks.Length > 2);
        Assert.Single(chunks.Select(chunk => chunk["responseId"]!.GetValue<string>()).Distinct());
        Assert.All(chunks[..^1], chunk => Assert.Null(chunk["candidates"]![0]!["finishReason"]));
        Assert.Equal("STOP", chunks[^1]["candidates"]![0]!["finishReason"]!.GetValue<string>());
        Assert.Equal("Sandbox answer to: Say hello to the whole world", string.Concat(chunks.Select(TextOf)));
    }

    [Fact]
    public async Task Stream_WithoutSse_IsOneJsonArray()
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.PostAsync($"/v1/models/{SandboxClient.Model}:streamGenerateContent", SandboxClient.Prompt, client.Sandbox.AddKey());

        Assert.Equal("Sandbox answer to: Say hello to the whole world", string.Concat(reply.Json.AsArray().Select(TextOf)));
    }

    [Fact]
    public async Task Stream_FirstChunk_ArrivesBeforeTheSecondIsDue()
    {
        await using var sandbox = await GeminiSandbox.StartAsync(
            new() { TimeProvider = new FakeTimeProvider(), ChunkDelay = TimeSpan.FromHours(1) }, TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = sandbox.BaseUrl };
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"/v1beta/models/{SandboxClient.Model}:streamGenerateContent?alt=sse&key={sandbox.AddKey().Value}")
        {
            Content = SandboxClient.Json(SandboxClient.Prompt),
        };

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));

        Assert.Contains("Sandbox answer", await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_OpenAi_EndsWithDone()
    {
        await using var client = await SandboxClient.StartAsync();
        var body = $$"""{"model":"{{SandboxClient.Model}}","stream":true,"messages":[{"role":"user","content":"Say hello"}]}""";

        var reply = await client.SendAsync(HttpMethod.Post, "/v1beta/openai/chat/completions",
            SandboxClient.Json(body), ("Authorization", $"Bearer {client.Sandbox.AddKey().Value}"));

        Assert.StartsWith("data: {", reply.Text, StringComparison.Ordinal);
        Assert.EndsWith("}\n\ndata: [DONE]\n\n", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_ErrorMidStream_FollowsTheFirstFrameWithoutData()
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey(state: SandboxKeyState.ErrorMidStream);

        var reply = await client.PostAsync($"/v1beta/models/{SandboxClient.Model}:streamGenerateContent?alt=sse", SandboxClient.Prompt, key);

        var parts = reply.Text.Split("\r\n\r\n");
        Assert.Equal((200, 2), (reply.Status, parts.Length));
        Assert.StartsWith("{\n  \"error\"", parts[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_CutMidStream_EndsWithoutTheLastChunk()
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey(state: SandboxKeyState.CutMidStream);

        await Assert.ThrowsAsync<HttpRequestException>(
            () => client.PostAsync($"/v1beta/models/{SandboxClient.Model}:streamGenerateContent?alt=sse", SandboxClient.Prompt, key));
    }

    [Theory]
    [InlineData("{\"contents\":", "Invalid JSON payload received.")]
    [InlineData("{\"prompt\":\"x\"}", "Invalid JSON payload received. Unknown name \"prompt\"")]
    [InlineData("{}", "* GenerateContentRequest.contents: contents is not specified")]
    public async Task Generate_BodyIsWrong_Answers400(string body, string message)
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.GenerateAsync(client.Sandbox.AddKey(), body);

        Assert.Equal(400, reply.Status);
        Assert.StartsWith(message, reply.Message, StringComparison.Ordinal);
    }

    private static string TextOf(JsonNode? chunk) => chunk!["candidates"]![0]!["content"]!["parts"]![0]!["text"]!.GetValue<string>();
}
