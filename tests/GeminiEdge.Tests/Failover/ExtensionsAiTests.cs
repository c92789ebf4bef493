using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;

namespace GeminiEdge.Tests.Failover;

/// <summary>Microsoft.Extensions.AI over the handler, unchanged but for its address.</summary>
public sealed class ExtensionsAiTests
{
    private static readonly AITool Weather = AIFunctionFactory.Create((string city) => $"Clear in {city}.", "get_weather", "The weather.");

    [Theory]
    [InlineData("Working")]
    [InlineData("Invalid")]
    public async Task Client_WhateverPrimaryIs_GetsEachKindOfAnswer(string primary)
    {
        await using var bed = await FailoverBed.StartAsync();
        bed.Primary.State = Enum.Parse<GeminiEdge.Sandbox.Gemini.SandboxKeyState>(primary);
        var openAi = Client(bed);
        using var chat = openAi.GetChatClient("gemini-flash-latest").AsIChatClient();

        Assert.Contains("Say hello", (await chat.GetResponseAsync("Say hello")).Text, StringComparison.Ordinal);

        var pieces = await chat.GetStreamingResponseAsync("Say hello in many words, please").ToListAsync();
        Assert.True(pieces.Count > 1, "It did not arrive in pieces.");
        Assert.Contains("Say hello in many words, please", string.Concat(pieces.Select(piece => piece.Text)), StringComparison.Ordinal);

        var called = await chat.GetResponseAsync("Weather in Bern?", new ChatOptions { Tools = [Weather] });
        Assert.Equal("get_weather", Assert.Single(called.Messages.SelectMany(message => message.Contents).OfType<FunctionCallContent>()).Name);

        using var embeddings = openAi.GetEmbeddingClient("gemini-embedding-001").AsIEmbeddingGenerator();
        Assert.NotEqual(0, (await embeddings.GenerateVectorAsync("hello")).Length);
    }

    [Fact]
    public async Task Client_AllKeysAreDead_ShowsAnErrorThatNamesThem()
    {
        await using var bed = await FailoverBed.StartAsync();
        bed.KillAll();
        using var chat = Client(bed).GetChatClient("gemini-flash-latest").AsIChatClient();

        bed.AssertNamesTheKeys((await Assert.ThrowsAsync<ClientResultException>(() => chat.GetResponseAsync("Say hello"))).Message);
    }

    private static OpenAIClient Client(FailoverBed bed) => new(new ApiKeyCredential("unused"), new OpenAIClientOptions
    {
        Endpoint = bed.OpenAi,
        Transport = new HttpClientPipelineTransport(bed.Http),
        RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
    });
}
