using System.Net;
using System.Net.Sockets;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Functions.Host;

/// <summary>The custom handler of a published folder, started and ended as the Functions host does it.</summary>
internal sealed class HandlerProcess : IAsyncDisposable
{
    private readonly EdgeProcess _process;

    private HandlerProcess(EdgeProcess process, Uri url) => (_process, Url) = (process, url);

    public Uri Url { get; }

    public LogCapture Log => _process.Log;

    public string Errors => _process.Errors;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts it and polls its root until there is any answer at all.</summary>
    public static async Task<HandlerProcess> StartAsync(string appRoot, string executable, IEnumerable<(string Name, string Value)> appSettings)
    {
        var port = FreePort();
        var process = EdgeProcess.StartAt(Path.Combine(appRoot, executable), appRoot,
        [
            // The handler inherits the host's own environment.
            ("ASPNETCORE_URLS", "http://127.0.0.1:1"),
            .. appSettings,
            ("FUNCTIONS_CUSTOMHANDLER_PORT", $"{port}"), ("FUNCTIONS_HTTPWORKER_PORT", $"{port}"), ("FUNCTIONS_APP_ROOT_PATH", appRoot),
        ]);
        var handler = new HandlerProcess(process, new Uri($"http://127.0.0.1:{port}/"));
        await handler.PollAsync();
        return handler;
    }

    public void Kill() => _process.Kill();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private async Task PollAsync()
    {
        using var client = new HttpClient();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        while (true)
        {
            Assert.False(HasExited, $"The handler ended at its start: {Errors}");
            try
            {
                using var answer = await client.GetAsync(Url, patience.Token);
                return;
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
}
