using System.Net;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Tests.Functions.Host;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Functions;

/// <summary>How a published app starts, dies and ends under the host.</summary>
public abstract class HostedLifeTests(HostingModel model)
{
    public static TheoryData<string> WrongStarts => [.. WrongStart.All.Keys];

    // Three exits in half an hour stop the host: a wrong setting must be said by an app that lives.
    [Theory]
    [MemberData(nameof(WrongStarts))]
    public async Task Start_OnAWrongSetting_LivesAndSaysSo(string title)
    {
        var start = WrongStart.All[title];

        var outcome = (await StartOutcome.OfAsync(model))[title];

        Assert.True(start.Status == outcome.Status, $"{outcome.Status}: {outcome.Body}");
        Assert.Equal(0, outcome.Exits);
        Assert.Equal(start.Events, outcome.Events.Select(LogCapture.Name).Order());
        foreach (var line in outcome.Events.Where(line => LogCapture.Name(line) == "configuration_invalid"))
        {
            Assert.Contains("invalid_configuration", outcome.Body, StringComparison.Ordinal);
            Assert.Contains(start.Settings.Single().Name, line["message"]!.GetValue<string>(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Start_WithoutAnyKey_LivesAndSaysSo()
    {
        await using var edge = await HostedEdge.StartAsync(model, ("GEMINI_API_KEY_PRIMARY", ""), ("GEMINI_API_KEY_SECONDARY", ""));

        using var generate = await edge.GenerateAsync();
        using var health = await edge.Client.GetAsync("/api/health");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable), (generate.StatusCode, health.StatusCode));
        Assert.Equal("no_keys_configured", (await EdgeHost.JsonAsync(generate))["code"]!.GetValue<string>());
        await edge.Host.Log.WaitForAsync("configuration_warning");

        // A sandbox of its own would answer here; a published app holds none.
        Assert.Empty(edge.Sandbox.Requests);
        Assert.Equal(0, edge.Host.Exits);
    }

    [Fact]
    public async Task Start_WithAVault_ReadsItWithTheManagedIdentity()
    {
        await using var vault = await KeyVaultSandbox.StartAsync(new() { ManagedIdentityRole = KeyVaultRole.SecretsUser });
        var pem = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.pem");
        vault.WriteCertificatePem(pem);
        try
        {
            await using var edge = await HostedEdge.StartAsync(
                model,
                [("GEMINI_KEYVAULT_URI", vault.PublicVaultUri.AbsoluteUri), ("GEMINI_API_KEY_PRIMARY", ""), ("GEMINI_API_KEY_SECONDARY", ""),
                .. vault.ChildEnvironment(pem).Select(variable => (variable.Key, variable.Value))]);
            vault.Set("GEMINI-API-KEY-PRIMARY", edge.Secondary.Value);

            using var generate = await edge.GenerateAsync();

            Assert.Equal(HttpStatusCode.OK, generate.StatusCode);
            Assert.Equal(edge.Secondary.Value[^4..], generate.Header("x-gemini-edge-key-id"));
        }
        finally
        {
            File.Delete(pem);
        }
    }

    [Fact]
    public async Task App_Dies_TheHostStartsItAgainAndItAnswers()
    {
        await using var edge = await HostedEdge.StartAsync(model);
        using var before = await edge.GenerateAsync();
        edge.Host.Process.Kill();
        await Eventually.IsAsync(() => edge.Host.Process.HasExited);

        using var after = await edge.GenerateAsync();

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, 1), (before.StatusCode, after.StatusCode, edge.Host.Exits));
    }

    // What is in flight ends first, and then the app is gone without another line.
    [Fact]
    public async Task Stop_WithAStreamInFlight_TheStreamIsWholeAndItsLineWritten()
    {
        await using var edge = await HostedEdge.StartAsync(model);
        var (upstream, answer) = await edge.BeginStreamAsync();

        var stop = edge.Host.StopAsync();
        Assert.False(stop.IsCompleted);
        upstream.Send(GeminiChunk.Event(GeminiChunk.Text("", "STOP")));
        upstream.End();
        await answer.ExpectAsync("event: done");
        await stop;

        await edge.Host.Log.WaitForAsync("gemini_ok");
        await Eventually.IsAsync(() => edge.Host.Process.HasExited);
    }
}
