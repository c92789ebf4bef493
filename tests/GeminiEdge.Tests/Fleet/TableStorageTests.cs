using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using GeminiEdge.Fleet;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Sandbox.TableStorage;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Fleet;

/// <summary>What a fleet register needs, by the edge's own writer and the official SDK: the simulator against Azurite, which Microsoft makes.</summary>
[Collection(SharedAzurite.Name)]
public class TableStorageTests(Azurite azurite)
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, 250, TimeSpan.Zero);
    private readonly string _app = $"app-{Guid.NewGuid():N}";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Row_WrittenByAnEdge_IsReadReplacedAndDeletedByTheSdk(bool isSandbox)
    {
        await using var storage = await Storage.OpenAsync(isSandbox ? null : azurite);
        var row = FleetRows.Row("it's one", "ring", Now, FleetRows.Key("PRIMARY", "abcd", new AttemptMinute(1, 2, 3, 4, 5, 6, 7))) with { App = _app, RingRead = Now };
        var table = storage.Client.GetTableClient(FleetRow.Table);

        // The writer makes the table, and puts names into addresses as they are: those of instances hold no quote.
        Assert.Null(await storage.Writer.WriteAsync(row with { Instance = "two" }, default));
        Assert.Null(await storage.Writer.WriteAsync(row with { Instance = "two", Region = "East" }, default));
        await table.UpsertEntityAsync(new TableEntity(row.ToEntity().ToDictionary()), TableUpdateMode.Replace);
        var read = await ReadAsync(table);
        Assert.Equal(204, (await table.DeleteEntityAsync(_app, "two", ETag.All)).Status);

        Assert.Equal(["it's one", "two"], read.Select(found => found.Instance));
        Assert.Equal(["West Europe", "East"], read.Select(found => found.Region));
        Assert.Equal((Now, (DateTimeOffset?)Now, "abcd"), (read[0].LastSeen, read[0].RingRead, read[0].ActiveKey));
        Assert.Equal(row.Keys[0].ToJson(), read[0].Keys[0].ToJson());
        Assert.Equal("it's one", Assert.Single(await ReadAsync(table)).Instance);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task List_OfManyRows_ComesByPage(bool isSandbox)
    {
        await using var storage = await Storage.OpenAsync(isSandbox ? null : azurite);
        var table = storage.Client.GetTableClient(FleetRow.Table);
        Assert.Null(await storage.Writer.WriteAsync(FleetRows.Row("maker", "ring", Now) with { App = $"{_app}y" }, default));
        foreach (var i in Enumerable.Range(0, 7))
        {
            await table.UpsertEntityAsync(new TableEntity((FleetRows.Row($"i{i}", "ring", Now) with { App = _app }).ToEntity().ToDictionary()), TableUpdateMode.Replace);
        }

        await table.UpsertEntityAsync(new TableEntity((FleetRows.Row("other", "ring", Now) with { App = $"{_app}x" }).ToEntity().ToDictionary()), TableUpdateMode.Replace);
        var sizes = new List<int>();
        await foreach (var page in table.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {_app}"), maxPerPage: 3).AsPages())
        {
            sizes.Add(page.Values.Count);
        }

        Assert.Equal([3, 3, 1], sizes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Fault_OfAnyKind_HasTheServicesCode(bool isSandbox)
    {
        await using var storage = await Storage.OpenAsync(isSandbox ? null : azurite);
        var missing = storage.Client.GetTableClient("Missing");
        var present = $"Present{Guid.NewGuid():N}";
        await storage.Client.CreateTableAsync(present);

        var query = await Assert.ThrowsAsync<RequestFailedException>(async () => await missing.QueryAsync<TableEntity>().GetAsyncEnumerator().MoveNextAsync());
        var again = await Assert.ThrowsAsync<RequestFailedException>(() => storage.Client.CreateTableAsync(present));
        var gone = await storage.Client.GetTableClient(present).DeleteEntityAsync("a", "b", ETag.All);

        Assert.Equal((404, "TableNotFound"), (query.Status, query.ErrorCode));
        Assert.Equal((409, "TableAlreadyExists"), (again.Status, again.ErrorCode));
        Assert.Equal(404, gone.Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer nonsense")]
    [InlineData("Bearer a.e30.c")]
    public async Task Sandbox_WithoutATokenForStorage_Answers401(string? authorization)
    {
        await using var storage = await Storage.OpenAsync(null);
        using var http = new HttpClient(storage.Handler());
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(storage.Endpoint, "Missing()"));
        request.Headers.TryAddWithoutValidation("Authorization", authorization);

        using var answer = await http.SendAsync(request);

        Assert.Equal(401, (int)answer.StatusCode);
    }

    private async Task<List<FleetRow>> ReadAsync(TableClient table)
    {
        var rows = new List<FleetRow>();
        await foreach (var entity in table.QueryAsync<TableEntity>(TableClient.CreateQueryFilter($"PartitionKey eq {_app}")))
        {
            rows.Add(FleetRow.FromEntity(entity));
        }

        return rows;
    }

    /// <summary>One of the two services, with both clients.</summary>
    private sealed class Storage(Uri endpoint, Func<SocketsHttpHandler> handler, params IAsyncDisposable[] owned) : IAsyncDisposable
    {
        private readonly HttpClient _http = new(handler());

        public Uri Endpoint => endpoint;

        public TableServiceClient Client => new(endpoint, new StorageToken(), new TableClientOptions { Transport = new HttpClientTransport(_http), Retry = { MaxRetries = 0 } });

        public FleetTable Writer => new(endpoint, new StorageToken(), TimeProvider.System, new HttpClientTransport(_http));

        public SocketsHttpHandler Handler() => handler();

        public static async Task<Storage> OpenAsync(Azurite? azurite)
        {
            if (azurite is not null)
            {
                return new(azurite.Endpoint, azurite.Handler);
            }

            var certificate = EphemeralCertificate.Create(TimeProvider.System.GetUtcNow(), "localhost");
            var sandbox = await TableSandbox.StartAsync(certificate);
            return new(sandbox.Endpoint, () => new() { SslOptions = { CertificateChainPolicy = Trust.In(certificate) } }, sandbox);
        }

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            foreach (var part in owned)
            {
                await part.DisposeAsync();
            }
        }
    }
}
