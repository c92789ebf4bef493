using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Cli;

public class ReferenceRefreshTests
{
    [Fact]
    public async Task Leak_AzureLeadsElsewhere_DoesNotSayThatTheReferencesAreRead()
    {
        await using var bed = await CliBed.StartAsync();
        bed.Put(KeySlot.Primary, SandboxKeyState.Invalid);
        bed.Put(KeySlot.Secondary);
        await using var page = RawUpstream.Saying("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        await using var azure = RawUpstream.Saying($"HTTP/1.1 302 Found\r\nLocation: {page.Url}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        bed.Environment["GEMINI_EDGE_MANAGEMENT_URL"] = azure.Url;

        var run = await bed.RunAsync("leak", "--by-hand", "--no-new-key", "--refresh-interval", "00:00:01",
            "--site", "/subscriptions/0/resourceGroups/edge/providers/Microsoft.Web/sites/edge");

        Assert.Contains("Azure did not refresh the Key Vault references (status 302)", run.Errors, StringComparison.Ordinal);
        Assert.Equal((1, 0), (azure.Connections, page.Connections));
    }
}
