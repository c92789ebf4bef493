using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Connectors.OpenAI;

namespace GeminiEdge.Tests.Failover;

/// <summary>Semantic Kernel over the handler, unchanged but for its address.</summary>
public sealed class SemanticKernelTests
{
    [Theory]
    [InlineData("Working")]
    [InlineData("Invalid")]
    public async Task Kernel_WhateverPrimaryIs_GetsEachKindOfAnswer(string primary)
    {
        await using var bed = await FailoverBed.StartAsync();
        bed.Primary.State = Enum.Parse<GeminiEdge.Sandbox.Gemini.SandboxKeyState>(primary);
        var chat = Chat(bed);

        var whole = await chat.GetChatMessageContentAsync("Say hello");
        Assert.Contains("Say hello", whole.Content, StringComparison.Ordinal);

        var pieces = await chat.GetStreamingChatMessageContentsAsync("Say hello in many words, please").ToListAsync();
        Assert.True(pieces.Count > 1, "It did not arrive in pieces.");
        Assert.Contains("Say hello in many words, please", string.Concat(pieces.Select(piece => piece.Content)), StringComparison.Ordinal);

        var kernel = new Kernel();
        kernel.Plugins.AddFromFunctions("sky", [KernelFunctionFactory.CreateFromMethod((string city) => $"Clear in {city}.", "get_weather")]);
        var settings = new OpenAIPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto(autoInvoke: false) };
        var called = await chat.GetChatMessageContentAsync("Weather in Bern?", settings, kernel);
        Assert.Equal("get_weather", Assert.Single(called.Items.OfType<FunctionCallContent>()).FunctionName);

#pragma warning disable SKEXP0010, CS0618 // Semantic Kernel calls its embeddings experimental, and their former interface obsolete.
        var embeddings = new OpenAITextEmbeddingGenerationService("gemini-embedding-001", new OpenAI.OpenAIClient(new System.ClientModel.ApiKeyCredential("unused"), new OpenAI.OpenAIClientOptions
        {
            Endpoint = bed.OpenAi,
            Transport = new System.ClientModel.Primitives.HttpClientPipelineTransport(bed.Http),
        }));
        Assert.NotEqual(0, (await embeddings.GenerateEmbeddingsAsync(["hello"]))[0].Length);
#pragma warning restore SKEXP0010, CS0618
    }

    [Fact]
    public async Task Kernel_AllKeysAreDead_ShowsAnErrorThatNamesThem()
    {
        await using var bed = await FailoverBed.StartAsync();
        bed.KillAll();

        bed.AssertNamesTheKeys((await Assert.ThrowsAsync<HttpOperationException>(() => Chat(bed).GetChatMessageContentAsync("Say hello"))).Message);
    }

#pragma warning disable SKEXP0010 // An endpoint of one's own counts as experimental.
    private static OpenAIChatCompletionService Chat(FailoverBed bed) => new("gemini-flash-latest", bed.OpenAi, "unused", httpClient: bed.Http);
#pragma warning restore SKEXP0010
}
