using System.Net;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Tests.Cli;
using GeminiEdge.Tests.Functions.Host;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Functions;

/// <summary>How the published executable starts, dies and ends under the host.</summary>
[Collection(nameof(DrillTests))]
public class HostedLifeTests
{
    // Three exits in half an hour stop the host: a wrong setting must be said by an app that lives.
    [Theory]
    [InlineData("GEMINI_API_KEY_PRIMARY", "", 200)]
    [InlineData("GEMINI_API_KEY_PRIMARY", "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/GEMINI-API-KEY-PRIMARY)", 200)]
    [InlineData("GEMINI_API_KEY_SECONDARY", "two\nlines", 200)]
    [InlineData("GEMINI_KEYVAULT_URI", "not an address", 503)]
    [InlineData("GEMINI_KEYVAULT_URI", "https://vault.invalid/", 200)]
    [InlineData("GEMINI_BASE_URL", "ftp://example.com", 503)]
    [InlineData("GEMINI_EDGE_FLEET", "nonsense", 503)]
    [InlineData("GEMINI_EDGE_FLEET", "https://tables.invalid/", 200)]
    [InlineData("GEMINI_EDGE_PUBLIC_URL", "nonsense", 503)]
    [InlineData("GeminiEdge__Deadline", "soon", 503)]
    [InlineData("GeminiEdge__NoSuchSetting", "1", 503)]
    [InlineData("ASPNETCORE_ENVIRONMENT", "Development", 200)]
    [InlineData("ASPNETCORE_URLS", "nonsense", 200)]
    [InlineData("ASPNETCORE_CONTENTROOT", "/no/such/folder", 200)]
    [InlineData("Kestrel__Endpoints__Http__Url", "nonsense", 200)]
    [InlineData("Logging__LogLevel__Default", "Nonsense", 200)]
    [InlineData("AllowedHosts", "nobody.example", 200)]
    public async Task Start_OnAWrongSetting_LivesAndSaysSo(string name, string value, int status)
    {
        await using var edge = await HostedEdge.StartAsync((name, value));

        using var generate = await edge.GenerateAsync();

        Assert.Equal(status, (int)generate.StatusCode);
        Assert.Equal(0, edge.Host.Exits);
        Assert.False(edge.Host.Handler.HasExited);
        if (status == 503)
        {
            Assert.Equal("invalid_configuration", (await EdgeHost.JsonAsync(generate))["code"]!.GetValue<string>());
            await edge.Host.Log.WaitForAsync("configuration_invalid", line => line["message"]!.GetValue<string>().Contains(name, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Start_WithoutAnyKey_LivesAndSaysSo()
    {
        await using var edge = await HostedEdge.StartAsync(("GEMINI_API_KEY_PRIMARY", ""), ("GEMINI_API_KEY_SECONDARY", ""));

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
    public async Task Handler_Dies_TheHostStartsItAgainAndItAnswers()
    {
        await using var edge = await HostedEdge.StartAsync();
        using var before = await edge.GenerateAsync();
        edge.Host.Handler.Kill();
        await Eventually.IsAsync(() => edge.Host.Handler.HasExited);

        using var after = await edge.GenerateAsync();

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, 1), (before.StatusCode, after.StatusCode, edge.Host.Exits));
    }

    // No SIGTERM reaches a handler: what is in flight ends first, and then it is gone without another line.
    [Fact]
    public async Task Stop_WithAStreamInFlight_TheStreamIsWholeAndItsLineWritten()
    {
        await using var edge = await HostedEdge.StartAsync();
        var (upstream, answer) = await edge.BeginStreamAsync();

        var stop = edge.Host.StopAsync();
        Assert.False(stop.IsCompleted);
        upstream.Send(GeminiChunk.Event(GeminiChunk.Text("", "STOP")));
        upstream.End();
        await answer.ExpectAsync("event: done");
        await stop;

        await edge.Host.Log.WaitForAsync("gemini_ok");
        await Eventually.IsAsync(() => edge.Host.Handler.HasExited);
    }
}
