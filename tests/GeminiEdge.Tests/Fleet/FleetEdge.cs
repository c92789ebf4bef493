using Azure.Core.Pipeline;
using GeminiEdge.Fleet;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Fleet;

/// <summary>An edge on a clock that the test sets, with its row in a real table.</summary>
internal sealed class FleetEdge : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Azurite _azurite;
    private readonly HttpClient _http;

    private FleetEdge(Azurite azurite, FakeTimeProvider time, StorageLink link, HttpClient http, string app)
    {
        (_azurite, Time, Link, _http, App) = (azurite, time, link, http, app);
    }

    public FakeTimeProvider Time { get; }

    public StorageLink Link { get; }

    /// <summary>The partition; each edge has one of its own unless the test names it.</summary>
    public string App { get; }

    public EdgeHost Edge { get; private set; } = null!;

    /// <summary>Starts an edge, and waits until its first row is written, or could not be.</summary>
    public static async Task<FleetEdge> StartAsync(Azurite azurite, string? app = null, string instance = "one", Action<StorageLink>? prepare = null)
    {
        var test = Create(azurite, app, new FakeTimeProvider(Start), out var table);
        prepare?.Invoke(test.Link);
        test.Edge = await EdgeHost.StartAsync(new EdgeSetup { Time = test.Time, Fleet = table, Settings = test.Settings(instance) });
        await Eventually.IsAsync(() => test.Link.Fault is null ? test.Link.Done == 1 : test.Link.Writes.Count == 1);
        return test;
    }

    /// <summary>For an edge that a test starts itself.</summary>
    public static FleetEdge Create(Azurite azurite, string? app, FakeTimeProvider time, out FleetTable table)
    {
        var link = new StorageLink(azurite.Handler());
        var http = new HttpClient(link);
        table = new FleetTable(azurite.Endpoint, new StorageToken(), time, new HttpClientTransport(http));
        return new FleetEdge(azurite, time, link, http, app ?? $"app-{Guid.NewGuid():N}");
    }

    public Dictionary<string, string?> Settings(string instance = "one") => new()
    {
        ["GEMINI_EDGE_FLEET"] = _azurite.Endpoint.AbsoluteUri,
        ["WEBSITE_SITE_NAME"] = App,
        ["WEBSITE_INSTANCE_ID"] = instance,
        ["REGION_NAME"] = "West Europe",
    };

    /// <summary>Sends prompts one after the other.</summary>
    public async Task AskAsync(int times = 1, int status = 200)
    {
        for (var i = 0; i < times; i++)
        {
            using var response = await Edge.GenerateAsync();
            Assert.Equal(status, (int)response.StatusCode);
        }
    }

    /// <summary>Waits until so many attempts are logged, and so counted: that happens after the answer.</summary>
    public Task CountedAsync(int attempts) => Eventually.IsAsync(() => Edge.Log.Attempts.Count == attempts);

    /// <summary>Waits until so many writes were done.</summary>
    public Task WrittenAsync(int writes) => Eventually.IsAsync(() => Link.Done >= writes);

    /// <summary>The app's rows, as the SDK reads them.</summary>
    public async Task<IReadOnlyList<FleetRow>> RowsAsync() => await _azurite.RowsAsync(App, text => Edge.Secrets.See("a row", text));

    /// <summary>The app's one row, as soon as it is as expected.</summary>
    public async Task<FleetRow> RowAsync(Func<FleetRow, bool>? expected = null)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            var row = Assert.Single(await RowsAsync());
            if (expected is null || expected(row))
            {
                return row;
            }

            patience.Token.ThrowIfCancellationRequested();
        }
    }

    public static string Id(SandboxKey key) => key.Value[^4..];

    /// <summary>Takes an edge that the test started itself.</summary>
    public void Use(EdgeHost edge) => Edge = edge;

    /// <summary>Has the written rows searched for key material.</summary>
    public void SeeWrites()
    {
        foreach (var write in Link.Writes)
        {
            Edge.Secrets.See("a written row", write.Body);
        }
    }

    public async ValueTask DisposeAsync()
    {
        SeeWrites();
        await Edge.DisposeAsync();
        _http.Dispose();
    }
}
