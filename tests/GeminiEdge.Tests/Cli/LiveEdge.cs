using System.Text;
using GeminiEdge.Fleet;
using GeminiEdge.Tests.Fleet;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Cli;

/// <summary>The built edge under traffic, on the vault, the Gemini and the register that `edgectl` works on.</summary>
internal sealed class LiveEdge : IAsyncDisposable
{
    /// <summary>The model that traffic asks for; probes ask for another one.</summary>
    public const string Model = "gemini-2.5-flash";

    private readonly CancellationTokenSource _end = new();
    private readonly EdgeProcess _edge;
    private readonly HttpClient _http = new();
    private Task _traffic = Task.CompletedTask;
    private int _failed;

    private LiveEdge(EdgeProcess edge) => _edge = edge;

    /// <summary>Requests that got no answer from any key.</summary>
    public int Failed => Volatile.Read(ref _failed);

    /// <summary>Starts it, and waits until its row stands in the register.</summary>
    public static async Task<LiveEdge> StartAsync(CliBed bed, Azurite azurite, string app)
    {
        var edge = new LiveEdge(EdgeProcess.Start(
        [
            .. bed.Environment.Select(variable => (variable.Key, variable.Value)),
            ("ASPNETCORE_ENVIRONMENT", "Development"),
            ("ASPNETCORE_URLS", "http://127.0.0.1:0"),
            ("WEBSITE_SITE_NAME", app),
            ("WEBSITE_INSTANCE_ID", "edge-1"),
            ("REGION_NAME", "West Europe"),
            ("GeminiEdge__RefreshInterval", "00:00:01"),
        ]));
        edge._traffic = edge.AskAsync(await edge._edge.Listening);
        using var patience = new CancellationTokenSource(Patience.Limit);
        while (!(await azurite.RowsAsync(app)).Exists(HasAttempts))
        {
            Assert.False(patience.IsCancellationRequested || edge._traffic.IsFaulted, $"No row with attempts; the edge's log says:\n{string.Join('\n', edge._edge.Log.Lines)}\n{edge._edge.Errors}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        return edge;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _traffic;
        await _edge.DisposeAsync();
        _http.Dispose();
        _end.Dispose();
    }

    private static bool HasAttempts(FleetRow row) => row.Keys.Any(key => key.Minutes.Any(minute => minute.Ok > 0));

    private async Task AskAsync(Uri url)
    {
        while (!_end.IsCancellationRequested)
        {
            using var body = new StringContent($$"""{"prompt":"Say hello","model":"{{Model}}"}""", Encoding.UTF8, "application/json");
            using var response = await _http.PostAsync(new Uri(url, "/api/generate"), body);
            if (!response.IsSuccessStatusCode)
            {
                Interlocked.Increment(ref _failed);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }
}
