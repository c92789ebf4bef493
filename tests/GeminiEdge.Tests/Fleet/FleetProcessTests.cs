using System.Text;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Fleet;

[Collection(SharedAzurite.Name)]
public sealed class FleetProcessTests(Azurite azurite) : IDisposable
{
    private readonly string _pem = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.pem");
    private readonly string _app = $"app-{Guid.NewGuid():N}";

    [Fact]
    public async Task Process_WithItsManagedIdentity_WritesItsRowAndTheLastOfItWhenItIsStopped()
    {
        await using var gemini = await GeminiSandbox.StartAsync();
        await using var azure = await KeyVaultSandbox.StartAsync();
        var key = gemini.AddKey();
        await File.WriteAllTextAsync(_pem, azure.Certificate.ExportCertificatePem() + "\n" + azurite.CertificatePem);
        await using var edge = EdgeProcess.Start(
        [
            .. azure.ChildEnvironment(_pem).Select(variable => (variable.Key, variable.Value)),
            ("ASPNETCORE_ENVIRONMENT", "Development"),
            ("ASPNETCORE_URLS", "http://127.0.0.1:0"),
            ("GEMINI_API_KEY_PRIMARY", key.Value),
            ("GEMINI_BASE_URL", gemini.BaseUrl.ToString()),
            ("GEMINI_EDGE_FLEET", azurite.Endpoint.AbsoluteUri),
            ("WEBSITE_SITE_NAME", _app),
            ("WEBSITE_INSTANCE_ID", "this"),
        ]);
        var url = await edge.Listening;
        await FirstRowAsync(edge);

        using var http = new HttpClient();
        for (var i = 0; i < 7; i++)
        {
            using var body = new StringContent("""{"prompt":"Say hello"}""", Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(new Uri(url, "/api/generate"), body);
            answer.EnsureSuccessStatusCode();
        }

        await edge.Log.WaitForAsync("gemini_ok", 7);
        edge.Interrupt();

        Assert.Equal(0, await edge.ExitCodeAsync());
        var row = Assert.Single(await azurite.RowsAsync(_app));
        Assert.Equal(7, row.Requests.Sum(minute => minute.Answered));
        Assert.Equal((key.Value[^4..], 7L), (row.Keys[0].KeyId, row.Keys[0].Minutes.Sum(minute => minute.Ok)));
        Assert.Equal("this", row.Instance);

        // On a busy machine Azurite may be late; then its next answer is told as well.
        Assert.NotEqual("fleet_unreachable", edge.Log.Events.Select(LogCapture.Name).LastOrDefault(name => name.StartsWith("fleet_", StringComparison.Ordinal)));
        Assert.True(azure.IdentityTokensIssued > 0);
    }

    public void Dispose() => File.Delete(_pem);

    private async Task FirstRowAsync(EdgeProcess edge)
    {
        // Asked without a pause, Azurite would have no time for the edge's own request.
        using var patience = new CancellationTokenSource(Patience.Limit);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while ((await azurite.RowsAsync(_app)).Count == 0)
        {
            Assert.False(patience.IsCancellationRequested, $"No row; the edge's log says:\n{string.Join('\n', edge.Log.Lines)}\n{edge.Errors}");
            await pace.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
