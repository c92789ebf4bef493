using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json.Nodes;
using GeminiEdge.Sandbox.Gemini;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;

namespace GeminiEdge.Tests.Failover;

/// <summary>OpenAI's own client over the handler, unchanged but for its address.</summary>
public sealed class OpenAiClientTests
{
    private const string Model = "gemini-flash-latest";

    private static readonly ChatTool Weather = ChatTool.CreateFunctionTool(
        "get_weather", "The weather.", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""));

    [Theory]
    [InlineData("Working", 1)]
    [InlineData("Invalid", 2)]
    [InlineData("QuotaDay", 2)]
    public async Task Client_WhateverPrimaryIs_GetsEachKindOfAnswer(string primary, int attemptsOfTheFirst)
    {
        await using var bed = await FailoverBed.StartAsync();
        bed.Primary.State = Enum.Parse<SandboxKeyState>(primary);
        var chat = new ChatClient(Model, new ApiKeyCredential("unused"), Options(bed));

        ChatCompletion whole = await chat.CompleteChatAsync("Say hello");
        Assert.Contains("Say hello", whole.Content[0].Text, StringComparison.Ordinal);
        Assert.Equal(attemptsOfTheFirst, bed.Sandbox.Requests.Count);

        var chunks = new List<string>();
        await foreach (var update in chat.CompleteChatStreamingAsync("Say hello in many words, please"))
        {
            chunks.AddRange(update.ContentUpdate.Select(part => part.Text));
        }

        Assert.True(chunks.Count > 1, "It did not arrive in pieces.");
        Assert.Contains("Say hello in many words, please", string.Concat(chunks), StringComparison.Ordinal);

        // Its reader stops at [DONE]: nobody has left.
        Assert.Empty(bed.Log.Named("gemini_cancel"));

        ChatCompletion call = await chat.CompleteChatAsync([new UserChatMessage("Weather in Bern?")], new ChatCompletionOptions { Tools = { Weather } });
        Assert.Equal((ChatFinishReason.ToolCalls, "get_weather"), (call.FinishReason, call.ToolCalls[0].FunctionName));
        Assert.NotNull(JsonNode.Parse(call.ToolCalls[0].FunctionArguments)!["city"]);

        OpenAIEmbedding embedding = await new EmbeddingClient("gemini-embedding-001", new ApiKeyCredential("unused"), Options(bed)).GenerateEmbeddingAsync("hello");
        Assert.NotEqual(0, embedding.ToFloats().Length);
        Assert.DoesNotContain(bed.Sandbox.Requests, request => request.Target.Contains("unused", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Client_WaitsOnItsOwnThread_GetsTheSame()
    {
        await using var bed = await FailoverBed.StartAsync();
        bed.Primary.State = SandboxKeyState.Invalid;
        var chat = new ChatClient(Model, new ApiKeyCredential("unused"), Options(bed));

        Assert.Contains("Say hello", chat.CompleteChat("Say hello").Value.Content[0].Text, StringComparison.Ordinal);
        Assert.Contains("Say hello", string.Concat(chat.CompleteChatStreaming("Say hello").SelectMany(update => update.ContentUpdate).Select(part => part.Text)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_AllKeysAreDead_ShowsAnErrorThatNamesThem()
    {
        await using var bed = await FailoverBed.StartAsync();
        bed.KillAll();
        var chat = new ChatClient(Model, new ApiKeyCredential("unused"), Options(bed));

        var error = await Assert.ThrowsAsync<ClientResultException>(() => chat.CompleteChatAsync("Say hello"));

        Assert.Equal(502, error.Status);
        bed.AssertNamesTheKeys(error.Message);
    }

    // Retries of the client's own would only ask dead keys again.
    private static OpenAIClientOptions Options(FailoverBed bed) => new()
    {
        Endpoint = bed.OpenAi,
        Transport = new HttpClientPipelineTransport(bed.Http),
        RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
    };
}
