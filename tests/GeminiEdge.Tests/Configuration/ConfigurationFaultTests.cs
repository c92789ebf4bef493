using System.Net;
using GeminiEdge.Configuration;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Configuration;

public class ConfigurationFaultTests
{
    [Theory]
    [InlineData(Hosting.Standalone)]
    [InlineData(Hosting.CustomHandler)]
    public async Task Settings_AreFaulty_AppStartsAndSaysWhatIsWrong(Hosting hosting)
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup
        {
            Hosting = hosting,
            Settings = { ["GeminiEdge:Deadline"] = "soon", ["GeminiEdge:Typo"] = "1", ["GEMINI_MODEL"] = "a b", ["GEMINI_EDGE_CLIENT_KEYS"] = "caller-key-0123456789" },
        });

        var lines = await edge.Log.WaitForAsync("configuration_invalid", 3);
        Assert.Equal(["GEMINI_MODEL", "GeminiEdge__Deadline", "GeminiEdge__Typo"],
            lines.Select(line => line["message"]!.GetValue<string>().Split(' ')[2]).Order(StringComparer.Ordinal));
        Assert.All(lines, line => Assert.Equal("error", line["level"]!.GetValue<string>()));

        await EdgeErrors.AssertGoogleAsync(await edge.PostAsync("/v1beta/models/m:generateContent", "{}", request => request.Headers.Add("x-goog-api-key", "caller-key-0123456789")),
            503, "invalid_configuration");
        await EdgeErrors.AssertProblemAsync(await edge.PostAsync("/api/generate", "{}", request => request.Headers.Add("x-goog-api-key", "caller-key-0123456789")),
            503, "invalid_configuration");
        Assert.Equal(HttpStatusCode.OK, (await edge.GetAsync("/")).StatusCode);
        await AssertUnavailableAsync(edge);
        Assert.Empty(edge.Sandbox.Requests);
    }

    [Fact]
    public async Task Settings_AreFaulty_CallersAreStillAskedForTheirKey()
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_MODEL"] = "a b", ["GEMINI_EDGE_CLIENT_KEYS"] = "caller-key-0123456789" } });

        await EdgeErrors.AssertGoogleAsync(await edge.NativeAsync(), 401, "unauthorized");
        await EdgeErrors.AssertGoogleAsync(await edge.GetAsync("/nothing"), 404, "not_found");
    }

    // A key pasted into the wrong setting, and into no other: nobody knows that it is one.
    [Theory]
    [InlineData("GeminiEdge:Selection")]
    [InlineData("GeminiEdge:Deadline")]
    public async Task Settings_FaultyValueIsAKey_IsNotQuoted(string setting)
    {
        const string Key = "AQ.Ab8RN6J-pasted-into-the-wrong-setting";
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { [setting] = Key } });

        var line = await edge.Log.WaitForAsync("configuration_invalid");

        Assert.Contains($"it is a text of {Key.Length} characters.", line["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.DoesNotContain(Key[..8], line["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("too-short-a-key")]
    [InlineData("@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/x)")]
    public async Task Keys_ThereIsNone_AppStartsAndSaysSo(string? primary)
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Keys = 0, Settings = { ["GEMINI_API_KEY_PRIMARY"] = primary } });

        var problem = await EdgeErrors.AssertProblemAsync(await edge.GenerateAsync(), 503, "no_keys_configured");
        await EdgeErrors.AssertGoogleAsync(await edge.NativeAsync(), 503, "no_keys_configured");

        Assert.Contains("GEMINI_API_KEY_PRIMARY", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        await edge.Log.WaitForAsync("configuration_warning", line => line["message"]!.GetValue<string>().StartsWith("No upstream key is configured", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await edge.GetAsync("/")).StatusCode);
        await AssertUnavailableAsync(edge);
    }

    [Fact]
    public async Task Health_KeyIsAvailable_IsOkAndTellsNothingElse()
    {
        await using var edge = await EdgeHost.StartAsync();

        var response = await edge.GetAsync("/api/health");

        Assert.Equal((HttpStatusCode.OK, "{\"status\":\"ok\"}"), (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }

    private static async Task AssertUnavailableAsync(EdgeHost edge)
    {
        var response = await edge.GetAsync("/api/health");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "{\"status\":\"unavailable\"}"),
            (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }
}
