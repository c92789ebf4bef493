using System.Net;
using GeminiEdge.Failover;
using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Tests.Failover;

public sealed class FailoverClientTests
{
    [Theory]
    [InlineData("Working", 1)]
    [InlineData("Invalid", 2)]
    [InlineData("ErrorAtStreamStart", 1)]
    public async Task Generate_WhateverPrimaryIs_GivesTheTextAndWhoAnswered(string primary, int attempts)
    {
        await using var bed = await FailoverBed.StartAsync();
        bed.Primary.State = Enum.Parse<SandboxKeyState>(primary);
        using var client = new GeminiFailoverClient(bed.Options, bed.Log);

        var answer = await client.GenerateAsync("Say hello", "models/gemini-flash-latest");

        Assert.Contains("Say hello", answer.Text, StringComparison.Ordinal);
        Assert.Equal((answer.Text, "STOP", null), ($"{answer}", answer.FinishReason, answer.BlockReason));
        Assert.True(answer.PromptTokens > 0 && answer.OutputTokens > 0);
        Assert.Equal((attempts == 1 ? bed.Primary : bed.Secondary).Value[^4..], answer.KeyId);
        Assert.Equal(attempts, bed.Sandbox.Requests.Count);
        Assert.Equal(attempts, bed.Log.Events.Count(e => e.Name.StartsWith("gemini_", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Generate_AllKeysFail_ThrowsWithTheAttempts()
    {
        await using var bed = await FailoverBed.StartAsync();
        bed.KillAll();
        using var client = new GeminiFailoverClient(bed.Options);

        var error = await Assert.ThrowsAsync<AllKeysFailedException>(() => client.GenerateAsync("Say hello"));

        bed.AssertNamesTheKeys(error.Message);
        Assert.Equal(
            [new KeyAttempt("PRIMARY", bed.Primary.Value[^4..], 400, "key_invalid", false), new KeyAttempt("SECONDARY", bed.Secondary.Value[^4..], 403, "key_leaked", false)],
            error.Attempts);
        Assert.Null(error.RetryAfter);
    }

    [Fact]
    public async Task Generate_GoogleRefusesTheRequest_ThrowsItsWordsAndStatus()
    {
        await using var bed = await FailoverBed.StartAsync();
        using var client = new GeminiFailoverClient(bed.Options);

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.GenerateAsync("Say hello", "no-such-model"));

        Assert.Equal(HttpStatusCode.NotFound, error.StatusCode);
        Assert.Contains("no-such-model", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_ArgumentsAreWrong_AreNamed()
    {
        await using var bed = await FailoverBed.StartAsync();
        using var client = new GeminiFailoverClient(bed.Options);

        Assert.Equal("prompt", (await Assert.ThrowsAsync<ArgumentException>(() => client.GenerateAsync(""))).ParamName);
        Assert.Equal("model", (await Assert.ThrowsAsync<ArgumentException>(() => client.GenerateAsync("x", "a/b?c"))).ParamName);
        Assert.Empty(bed.Sandbox.Requests);
    }

    [Fact]
    public async Task Generate_IsCancelled_ThrowsAndIsNobodysFailure()
    {
        await using var bed = await FailoverBed.StartAsync();
        bed.Primary.State = SandboxKeyState.Silent;
        using var client = new GeminiFailoverClient(bed.Options, bed.Log);
        using var left = new CancellationTokenSource();
        bed.Sandbox.OnRequest = async _ =>
        {
            await left.CancelAsync();
            return false;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GenerateAsync("Say hello", cancellationToken: left.Token));

        Assert.Single(bed.Log.Named("gemini_cancel"));
    }
}
