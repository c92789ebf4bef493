using System.Net;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

public class FailoverTests
{
    [Fact]
    public async Task Generate_PrimaryWorks_AnswersWithPrimary()
    {
        await using var edge = await EdgeHost.StartAsync();

        var response = await edge.GenerateAsync("Say hello");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(edge.Primary.Value[^4..], response.Headers.GetValues("x-gemini-edge-key-id").Single());
        Assert.Equal("1", response.Headers.GetValues("x-gemini-edge-attempts").Single());
        var answer = await EdgeHost.JsonAsync(response);
        Assert.Equal("Sandbox answer to: Say hello", answer["text"]!.GetValue<string>());
        Assert.Equal("STOP", answer["finishReason"]!.GetValue<string>());
        Assert.Equal("gemini-3.8-flash", answer["model"]!.GetValue<string>());
        Assert.True(answer["usage"]!["totalTokens"]!.GetValue<int>() > 0);
    }

    [Fact]
    public async Task Generate_PrimaryIsDead_AnswersWithSecondaryAndLogsBoth()
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Primary.State = SandboxKeyState.Invalid;

        var response = await edge.GenerateAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("2", response.Headers.GetValues("x-gemini-edge-attempts").Single());
        var attempts = await edge.Log.WaitForAsync("attempt", 2);
        Assert.Equal(("gemini_fail", "key_invalid", "next_key"),
            (attempts[0]["event"]!.GetValue<string>(), attempts[0]["verdict"]!.GetValue<string>(), attempts[0]["next"]!.GetValue<string>()));
        Assert.Equal(("gemini_ok", edge.Secondary.Value[^4..]),
            (attempts[1]["event"]!.GetValue<string>(), attempts[1]["key_id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Generate_PrimaryDied_IsSkippedFromThenOn()
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Primary.State = SandboxKeyState.Invalid;
        await edge.GenerateAsync();
        edge.Sandbox.ClearRequests();

        for (var i = 0; i < 10; i++)
        {
            var response = await edge.GenerateAsync();
            Assert.Equal("1", response.Headers.GetValues("x-gemini-edge-attempts").Single());
        }

        Assert.All(edge.Sandbox.Requests, request => Assert.Equal(edge.Secondary.Value, request.Key));
    }
}
