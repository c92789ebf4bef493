using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Functions;

public class LocalRunTests
{
    private static readonly (string, string) AnyPort = ("ASPNETCORE_URLS", "http://127.0.0.1:0");
    private static readonly (string, string) Development = ("ASPNETCORE_ENVIRONMENT", "Development");

    [Fact]
    public async Task Run_WithoutAnySetting_TheBannersCurlAnswersFromTheSandbox()
    {
        await using var edge = EdgeProcess.Start(AnyPort, Development);
        await edge.Listening;
        await edge.Log.WaitForAsync("ring_changed");
        await Eventually.IsAsync(() => edge.Errors.Contains("Stop it with Ctrl-C", StringComparison.Ordinal));

        var command = edge.Errors.Split('\n').Single(line => line.TrimStart().StartsWith("curl ", StringComparison.Ordinal));
        var answer = JsonNode.Parse(await ShellAsync(command));

        Assert.Contains("sandbox", edge.Errors, StringComparison.Ordinal);
        Assert.Equal("Sandbox answer to: Say hello", answer!["text"]!.GetValue<string>());
        await edge.Log.WaitForAsync("gemini_ok");
    }

    [Fact]
    public async Task Run_WithAKey_TalksToTheConfiguredUpstream()
    {
        await using var sandbox = await GeminiSandbox.StartAsync();
        var key = sandbox.AddKey();
        await using var edge = EdgeProcess.Start(AnyPort, Development,
            ("GEMINI_API_KEY_PRIMARY", key.Value), ("GEMINI_BASE_URL", sandbox.BaseUrl.ToString()));

        using var response = await GenerateAsync(await edge.Listening);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(1, key.RequestCount);
        Assert.DoesNotContain("sandbox:", edge.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(key.Value[..8], edge.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_InProductionWithoutKeys_SaysSoAndLivesOn()
    {
        await using var edge = EdgeProcess.Start(AnyPort);
        var url = await edge.Listening;

        using var response = await GenerateAsync(url);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("GEMINI_EDGE_CLIENT_KEYS", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await edge.Log.WaitForAsync("configuration_warning", line => line["message"]!.GetValue<string>().Contains("GEMINI_API_KEY_PRIMARY", StringComparison.Ordinal));
        Assert.False(edge.HasExited);
    }

    [Theory]
    [InlineData("edge", null)]
    [InlineData("6e7f1a4c-user-assigned", "6e7f1a4c-user-assigned")]
    public async Task Run_WithAVault_ReadsTheKeysWithItsManagedIdentity(string principal, string? clientId)
    {
        await using var vault = await KeyVaultSandbox.StartAsync(new() { ManagedIdentityRole = KeyVaultRole.None });
        await using var sandbox = await GeminiSandbox.StartAsync();
        var key = sandbox.AddKey();
        vault.SetRole(principal, KeyVaultRole.SecretsUser);
        vault.Set("GEMINI-API-KEY-PRIMARY", key.Value);
        var pem = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.pem");
        vault.WriteCertificatePem(pem);
        try
        {
            await using var edge = EdgeProcess.Start(
            [
                AnyPort, Development, ("GEMINI_KEYVAULT_URI", vault.PublicVaultUri.AbsoluteUri), ("GEMINI_BASE_URL", sandbox.BaseUrl.ToString()), ("AZURE_CLIENT_ID", clientId ?? ""),
                .. vault.ChildEnvironment(pem).Select(variable => (variable.Key, variable.Value)),
            ]);

            using var response = await GenerateAsync(await edge.Listening);

            Assert.Equal((HttpStatusCode.OK, 1), (response.StatusCode, key.RequestCount));
            Assert.Contains(vault.Requests, request => request.Principal == principal);
        }
        finally
        {
            File.Delete(pem);
        }
    }

    [Fact]
    public async Task Run_UnderTheFunctionsHost_ListensWhereItIsToldAndClosesNativeRoutes()
    {
        var port = FreePort();
        await using var edge = EdgeProcess.Start(("FUNCTIONS_CUSTOMHANDLER_PORT", $"{port}"), ("GEMINI_API_KEY_PRIMARY", "a-key-of-more-than-16-characters"));
        await edge.Log.WaitForAsync("ring_changed");
        var url = new Uri($"http://127.0.0.1:{port}/");
        using var client = await PollAsync(url);

        using var native = await client.PostAsync(new Uri(url, "v1beta/models/m:generateContent"), new StringContent("{}"));

        Assert.Equal(HttpStatusCode.Unauthorized, native.StatusCode);
        Assert.Contains("GEMINI_EDGE_CLIENT_KEYS", await native.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(edge.Errors.Trim());
    }

    [Fact]
    public async Task Run_ManyFaultySettings_NamesThemAllAndLivesOn()
    {
        await using var edge = EdgeProcess.Start(AnyPort, Development, ("GeminiEdge__Deadline", "soon"), ("GeminiEdge__Selecton", "RoundRobin"),
            ("GEMINI_BASE_URL", "http://example.com"), ("GEMINI_API_KEY_PRIMARY", "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/k)"));
        var url = await edge.Listening;

        using var response = await GenerateAsync(url);

        Assert.Equal("invalid_configuration", JsonNode.Parse(await response.Content.ReadAsStringAsync())!["code"]!.GetValue<string>());
        var problems = string.Concat((await edge.Log.WaitForAsync("configuration_invalid", 3)).Select(line => line["message"]));
        Assert.Contains("GeminiEdge__Deadline", problems, StringComparison.Ordinal);
        Assert.Contains("GeminiEdge__Selecton", problems, StringComparison.Ordinal);
        Assert.Contains("GEMINI_BASE_URL", problems, StringComparison.Ordinal);
        await edge.Log.WaitForAsync("configuration_warning", line => line["message"]!.GetValue<string>().Contains("unresolved Key Vault reference", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_CtrlC_EndsCleanly()
    {
        await using var edge = EdgeProcess.Start(AnyPort, Development);
        await edge.Listening;

        edge.Interrupt();

        Assert.Equal(0, await edge.ExitCodeAsync());
    }

    [Fact]
    public async Task Run_PortIsTaken_SaysWhichAndWhatToDo()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        await using var edge = EdgeProcess.Start(("ASPNETCORE_URLS", $"http://{taken.LocalEndpoint}"), Development);

        Assert.Equal(1, await edge.ExitCodeAsync());

        Assert.Contains($"can't listen on http://{taken.LocalEndpoint}", edge.Errors, StringComparison.Ordinal);
        Assert.Contains("ASPNETCORE_URLS", edge.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("framework", edge.Log.Events.Select(LogCapture.Name));
    }

    private static async Task<HttpResponseMessage> GenerateAsync(Uri url)
    {
        using var client = new HttpClient();
        return await client.PostAsync(new Uri(url, "api/generate"), new StringContent("""{"prompt":"Say hello"}""", Encoding.UTF8, "application/json"));
    }

    /// <summary>Asks for the greeting until there is one, as the Functions host does.</summary>
    private static async Task<HttpClient> PollAsync(Uri url)
    {
        var client = new HttpClient();
        using var patience = new CancellationTokenSource(Patience.Limit);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        while (true)
        {
            try
            {
                using var response = await client.GetAsync(url, patience.Token);
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                return client;
            }
            catch (HttpRequestException)
            {
                await pace.WaitForNextTickAsync(patience.Token);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<string> ShellAsync(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        return output;
    }
}
