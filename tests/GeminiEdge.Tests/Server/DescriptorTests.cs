using System.Net;
using System.Net.Sockets;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Server;

/// <summary>Connections are files, and files are few.</summary>
public sealed class DescriptorTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-files-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Connections_MoreThanThereAreFilesFor_AreClosedAndTheOthersGoOn()
    {
        var log = Path.Combine(_folder.FullName, "log");
        await using var edge = await ShellEdge.StartAsync("ulimit -n 320", $">{log} 2>/dev/null");
        var idle = new List<TcpClient>();
        try
        {
            for (var number = 0; number < 500; number++)
            {
                idle.Add(new TcpClient());
                await ConnectAsync(idle[^1], edge.Url);
            }

            await Eventually.IsAsync(() => File.ReadAllText(log).Contains("connections_refused", StringComparison.Ordinal));

            // The client's connection is older than those; its requests still reach the upstream.
            for (var request = 0; request < 20; request++)
            {
                using var answer = await edge.GenerateAsync();
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            }
        }
        finally
        {
            idle.ForEach(connection => connection.Dispose());
        }

        using var newcomer = new HttpClient();
        await Eventually.IsAsync(() => IsUp(newcomer, edge.Url));
        edge.Terminate();
        Assert.Equal(0, await edge.ExitCodeAsync());
    }

    private static async Task ConnectAsync(TcpClient client, Uri url)
    {
        try
        {
            await client.ConnectAsync(url.Host, url.Port);
        }
        catch (SocketException)
        {
            // Closed before it was told that it is open.
        }
    }

    private static bool IsUp(HttpClient client, Uri url)
    {
        try
        {
            return client.GetAsync(new Uri(url, "/api/health")).GetAwaiter().GetResult().StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
