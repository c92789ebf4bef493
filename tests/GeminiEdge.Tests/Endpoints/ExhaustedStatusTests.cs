using System.Text;
using System.Text.Json.Nodes;
using GeminiEdge.Configuration;
using GeminiEdge.Failover;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Failover;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace GeminiEdge.Tests.Endpoints;

/// <summary>What a caller is told when every key has failed: which key, why, how long, and with the status that its SDK repeats at.</summary>
public class ExhaustedStatusTests
{
    private const string OpenAi = "/v1beta/openai/chat/completions";

    [Theory]
    [InlineData(null, 502, "UNAVAILABLE")]
    [InlineData("502", 502, "UNAVAILABLE")]
    [InlineData("429", 429, "RESOURCE_EXHAUSTED")]
    public async Task Exhausted_WaitingHelps_HasTheStatusThatWasChosen(string? setting, int status, string word)
    {
        await using var edge = await StartAsync(setting);
        (edge.Primary.State, edge.Secondary.State) = (SandboxKeyState.Invalid, SandboxKeyState.QuotaMinute);

        var problem = await EdgeErrors.AssertProblemAsync(await edge.GenerateAsync(), status, "all_keys_failed");
        await EdgeErrors.AssertProblemAsync(await edge.GenerateAsync(stream: true), status, "all_keys_failed");
        var native = await edge.NativeAsync();
        var error = await EdgeErrors.AssertGoogleAsync(native, status, "all_keys_failed");

        Assert.Equal(word, error["status"]!.GetValue<string>());
        Assert.NotNull(native.Headers.RetryAfter);
        Assert.Equal("Every key has failed.", problem["title"]!.GetValue<string>());
    }

    [Fact]
    public async Task Exhausted_OnlyAnOperatorCanHelp_Is502WhateverWasChosen()
    {
        await using var edge = await StartAsync("429");
        edge.Primary.State = edge.Secondary.State = SandboxKeyState.Invalid;

        var native = await edge.NativeAsync();
        await EdgeErrors.AssertGoogleAsync(native, 502, "all_keys_failed");
        await EdgeErrors.AssertProblemAsync(await edge.GenerateAsync(), 502, "all_keys_failed");

        Assert.Null(native.Headers.RetryAfter);
    }

    [Theory]
    [InlineData("503")]
    [InlineData("200")]
    [InlineData("0429")]
    [InlineData("4 29")]
    [InlineData("too many")]
    public void Setting_IsAnyOther_IsNamedWithWhatItMayBe(string value)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("GeminiEdge:ExhaustedStatus", value)]).Build();

        var problem = Assert.Single(EdgeConfiguration.Read(settings, Hosting.Standalone).Problems);

        Assert.Equal($"The setting GeminiEdge__ExhaustedStatus is 502 or 429; it is '{value}'.", problem);
    }

    // SDKs show the message alone, so it has to say which key failed and why, whatever was asked.
    [Fact]
    public async Task Exhausted_EveryShape_NamesTheKeysAndTheirVerdicts()
    {
        await using var edge = await StartAsync(null);
        (edge.Primary.State, edge.Secondary.State) = (SandboxKeyState.Invalid, SandboxKeyState.QuotaDay);
        string Expected(string primary, string secondary) => $"GeminiEdge: PRIMARY …{edge.Primary.Value[^4..]} key_invalid ({primary}), SECONDARY …{edge.Secondary.Value[^4..]} quota_day ({secondary}).";

        var first = await EdgeErrors.AssertGoogleAsync(await edge.NativeAsync(), 502, "all_keys_failed");
        Assert.Equal(Expected("400", "429"), first["message"]!.GetValue<string>());
        foreach (var (path, body) in new[] { ("/v1beta/models/gemini-flash-latest:streamGenerateContent?alt=sse", EdgeHost.Contents("x")), (OpenAi, """{"model":"gemini-flash-latest","messages":[{"role":"user","content":"x"}]}""") })
        {
            var error = await EdgeErrors.AssertGoogleAsync(await edge.PostAsync(path, body), 502, "all_keys_failed");
            Assert.Contains($"PRIMARY …{edge.Primary.Value[^4..]} key_invalid (", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
            Assert.Contains($"SECONDARY …{edge.Secondary.Value[^4..]} quota_day (", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
        }

        foreach (var stream in (bool[])[false, true])
        {
            var problem = await EdgeErrors.AssertProblemAsync(await edge.GenerateAsync(stream: stream), 502, "all_keys_failed");
            Assert.StartsWith("GeminiEdge: ", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
            Assert.Contains($"PRIMARY …{edge.Primary.Value[^4..]} key_invalid (", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
            Assert.Contains(" quota_day (", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(502, "UNAVAILABLE")]
    [InlineData(429, "RESOURCE_EXHAUSTED")]
    public async Task Handler_WaitingHelps_HasTheStatusThatWasChosenAndRetryInfo(int status, string word)
    {
        await using var bed = await FailoverBed.StartAsync();
        bed.Options.ExhaustedStatus = status;
        using var http = new HttpClient(new GeminiFailoverHandler(bed.Options, bed.Log)) { BaseAddress = bed.Sandbox.BaseUrl };
        (bed.Primary.State, bed.Secondary.State) = (SandboxKeyState.Invalid, SandboxKeyState.QuotaMinute);

        using var response = await http.PostAsync("v1beta/models/gemini-flash-latest:generateContent", new StringContent(EdgeHost.Contents("x"), Encoding.UTF8, "application/json"));

        var error = JsonNode.Parse(bed.See(await response.Content.ReadAsStringAsync()))!["error"]!.AsObject();
        Assert.Equal((status, status, word), ((int)response.StatusCode, (int)error["code"]!, (string?)error["status"]));
        Assert.StartsWith($"GeminiEdge: PRIMARY …{bed.Primary.Value[^4..]} key_invalid (400), ", (string)error["message"]!, StringComparison.Ordinal);
        EdgeErrors.AssertWait(error, $"{response.Headers.RetryAfter!.Delta!.Value.TotalSeconds}");
    }

    [Fact]
    public async Task Client_WithAnotherStatus_ThrowsTheSame()
    {
        await using var bed = await FailoverBed.StartAsync();
        bed.Options.ExhaustedStatus = 429;
        using var client = new GeminiFailoverClient(bed.Options);
        bed.Primary.State = bed.Secondary.State = SandboxKeyState.QuotaMinute;

        var error = await Assert.ThrowsAsync<AllKeysFailedException>(() => client.GenerateAsync("Say hello"));

        Assert.NotNull(error.RetryAfter);
    }

    [Fact]
    public void Option_IsAnyOther_IsNamed() => Assert.Equal(
        "GeminiFailover's ExhaustedStatus is 503: set 502 or 429.",
        Assert.Throws<InvalidOperationException>(() => new GeminiFailoverClient(new GeminiFailoverOptions { Keys = ["a-key-of-sixteen-or-more"], ExhaustedStatus = 503 })).Message);

    [Fact]
    public async Task Overloaded_OnANativeRoute_TellsTheWaitAsGoogleDoes()
    {
        using var upstream = new FakeUpstream(_ => UpstreamAnswers.Of(Verdict.Overloaded));
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Upstream = upstream });

        var error = await EdgeErrors.AssertGoogleAsync(await edge.NativeAsync(), 502, "all_keys_failed");

        Assert.Equal("1s", error["details"]![1]!["retryDelay"]!.GetValue<string>());
    }

    private static Task<EdgeHost> StartAsync(string? status) => EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GeminiEdge:ExhaustedStatus"] = status } });
}
