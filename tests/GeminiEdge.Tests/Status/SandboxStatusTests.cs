using System.Text.Json.Nodes;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Status;

/// <summary>A newcomer's first minute: a local run, its page, a key that dies.</summary>
public class SandboxStatusTests
{
    private static readonly (string, string)[] LocalRun = [("ASPNETCORE_URLS", "http://127.0.0.1:0"), ("ASPNETCORE_ENVIRONMENT", "Development")];

    [Theory]
    [InlineData("kill", "rejected", "key_invalid")]
    [InlineData("leak", "rejected", "key_leaked")]
    [InlineData("exhaust", "unknown", "quota_minute")]
    public async Task LocalRun_AKeyIsMadeToFail_TheNextOneAnswersAndThePageShowsIt(string action, string state, string verdict)
    {
        await using var edge = EdgeProcess.Start(LocalRun);
        using var client = new HttpClient { BaseAddress = await edge.Listening };
        using var page = await StatusStream.OpenAsync(client);
        Assert.True((bool)(await page.NextAsync("status"))["sandbox"]!);

        var done = await PostAsync(client, $"/api/admin/sandbox/{action}?slot=PRIMARY");
        await PostAsync(client, "/api/generate", """{"prompt":"Say hello"}""");
        var refused = await page.NextAsync("attempt");

        Assert.Equal(("PRIMARY", action), ((string?)done["slot"], (string?)done["action"]));
        Assert.Equal((verdict, "next_key"), ((string?)refused["verdict"], (string?)refused["next"]));
        Assert.Equal("ok", (string?)(await page.NextAsync("attempt"))["verdict"]);
        Assert.Equal(state, (string?)(await page.NextAsync("key", key => (string?)key["slot"] == "PRIMARY" && (int)key["attempts"]! == 1))["state"]);
    }

    [Fact]
    public async Task LocalRun_AKeyIsRevivedAndProbed_IsHealthy()
    {
        await using var edge = EdgeProcess.Start(LocalRun);
        using var client = new HttpClient { BaseAddress = await edge.Listening };
        await PostAsync(client, "/api/admin/sandbox/kill");
        await PostAsync(client, "/api/generate", """{"prompt":"Say hello"}""");
        await PostAsync(client, "/api/admin/sandbox/revive");

        var probe = await PostAsync(client, "/api/admin/probe");

        Assert.All(probe["keys"]!.AsArray(), key => Assert.Equal("ok", (string?)key!["verdict"]));
    }

    [Theory]
    [InlineData("POST", "/api/admin/sandbox/nonsense", 404)]
    [InlineData("POST", "/api/admin/sandbox/kill?slot=7", 400)]
    [InlineData("GET", "/api/admin/sandbox/kill", 405)]
    public async Task LocalRun_WhatTheSandboxDoesNotTake_IsRefused(string method, string target, int status)
    {
        await using var edge = EdgeProcess.Start(LocalRun);
        using var client = new HttpClient { BaseAddress = await edge.Listening };

        using var response = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), target));

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Edge_WithoutASandbox_HasNoSuchRoute()
    {
        await using var edge = await EdgeHost.StartAsync();

        await EdgeErrors.AssertProblemAsync(await edge.PostAsync("/api/admin/sandbox/kill", ""), 404, "not_found");
    }

    private static async Task<JsonNode> PostAsync(HttpClient client, string target, string json = "")
    {
        using var response = await client.PostAsync(target, new StringContent(json, System.Text.Encoding.UTF8, "application/json"));
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body);
        return JsonNode.Parse(body)!;
    }
}
