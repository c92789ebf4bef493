using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Clients;

/// <summary>The SDKs that people use, changed in nothing but their base URL.</summary>
public class SdkClientsTests
{
    private const string CallerKey = "caller-key-of-the-sdks";

    // What clients.mjs checks; a check that is lost there must not go unnoticed here.
    private static readonly string[] Checks =
    [
        "generate", "stream", "chat", "chat-stream", "function-call", "count-tokens", "embed", "models", "upload-small", "upload-chunked",
        "cache", "json", "batch", "interaction", "unknown-model", "openai-chat", "openai-stream", "openai-tools", "openai-embeddings", "openai-models", "openai-unknown-model",
        "download", "batch-inline", "batch-file", "structured", "openai-structured",
        "ai-generate", "ai-stream", "ai-object", "ai-object-stream", "ai-embed", "ai-upload",
        "langchain-generate", "langchain-stream", "langchain-object", "langchain-embed",
    ];

    [Theory]
    [InlineData(SandboxKeyState.Working)]
    [InlineData(SandboxKeyState.Invalid)]
    [InlineData(SandboxKeyState.QuotaMinute)]
    [InlineData(SandboxKeyState.PrepayDepleted)]
    public async Task Sdks_WhateverBecameOfPrimary_DoAllTheyCan(SandboxKeyState primary)
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_EDGE_CLIENT_KEYS"] = CallerKey } });
        edge.Primary.State = primary;

        var (exitCode, output) = await NodeClients.RunAsync(edge.Url, CallerKey);

        Assert.True(exitCode == 0, $"clients.mjs exited with {exitCode}:\n{output}");
        Assert.Equal(Checks.Select(check => "ok " + check), output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        Assert.All(edge.Sandbox.Requests, request => Assert.Equal(1, request.CredentialCount));
        Assert.DoesNotContain(edge.Log.Events, e => LogCapture.Name(e) == "internal_error");
    }
}
