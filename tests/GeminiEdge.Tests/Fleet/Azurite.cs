using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using GeminiEdge.Fleet;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Fleet;

/// <summary>Azurite's table service: over TLS, and for bearers of a token alone, as in Azure.</summary>
public sealed class Azurite : IAsyncLifetime
{
    private static readonly NodePackages Packages = new("Fleet");
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("gemini-edge-azurite-").FullName;
    private X509Certificate2? _certificate;
    private Process? _process;

    /// <summary>The one account's tables.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>The certificate it shows, for <c>SSL_CERT_FILE</c>.</summary>
    public string CertificatePem => _certificate!.ExportCertificatePem() + "\n";

    public async ValueTask InitializeAsync()
    {
        // Under a name of its own: of two issuers of one name, OpenSSL tries one.
        _certificate = EphemeralCertificate.Create(TimeProvider.System.GetUtcNow(), "azurite.localhost");
        var (certificate, key) = (Path.Combine(_folder, "certificate.pem"), Path.Combine(_folder, "key.pem"));
        await File.WriteAllTextAsync(certificate, CertificatePem);
        using (var ecdsa = _certificate.GetECDsaPrivateKey()!)
        {
            await File.WriteAllTextAsync(key, ecdsa.ExportPkcs8PrivateKeyPem());
        }

        // It says where it was told to listen, not where it does, so that it can't be told to choose.
        var port = FreePort();
        _process = await Packages.StartAsync(
            "node_modules/azurite/dist/src/table/main.js", "--tableHost", "127.0.0.1", "--tablePort", $"{port}", "--oauth", "basic",
            "--cert", certificate, "--key", key, "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--silent");
        await ListensAsync(_process).WaitAsync(LongestStart);
        Endpoint = new Uri($"https://127.0.0.1:{port}/devstoreaccount1");
        Client = new TableServiceClient(Endpoint, new StorageToken(), new TableClientOptions
        {
            Transport = new HttpClientTransport(new HttpClient(Handler())),
            Retry = { MaxRetries = 0 },
        });
        await Client.CreateTableAsync(FleetRow.Table);
    }

    /// <summary>A connection that trusts Azurite's certificate alone.</summary>
    public SocketsHttpHandler Handler() => new() { SslOptions = { CertificateChainPolicy = Trust.In(_certificate!) } };

    /// <summary>Everything in it, by the SDK.</summary>
    internal TableServiceClient Client { get; private set; } = null!;

    /// <summary>An app's rows, as the SDK reads them.</summary>
    internal async Task<List<FleetRow>> RowsAsync(string app, Action<string>? see = null)
    {
        var rows = new List<FleetRow>();
        try
        {
            await foreach (var entity in Client.GetTableClient(FleetRow.Table).QueryAsync<TableEntity>(row => row.PartitionKey == app))
            {
                see?.Invoke(string.Join('\n', entity.Select(property => $"{property.Key}={property.Value}")));
                rows.Add(FleetRow.FromEntity(entity));
            }
        }
        catch (RequestFailedException e) when (e is { Status: 404, ErrorCode: "TableNotFound" })
        {
            // Nobody has written yet.
        }

        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _certificate?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task ListensAsync(Process process)
    {
        var errors = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("successfully started", StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync();
                return;
            }
        }

        throw new InvalidOperationException($"Azurite ended: {await errors}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>The tests that share one Azurite.</summary>
[CollectionDefinition(Name)]
public sealed class SharedAzurite : ICollectionFixture<Azurite>
{
    public const string Name = "Azurite";
}

/// <summary>A token for storage, valid now, whatever a test's clock says.</summary>
internal sealed class StorageToken : TokenCredential
{
    public override Azure.Core.AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        Assert.Equal("https://storage.azure.com/.default", Assert.Single(requestContext.Scopes));
        var (now, end) = (TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddHours(1));
        return new(JsonWebToken.Of("edge", "https://storage.azure.com", now, end), end);
    }

    public override ValueTask<Azure.Core.AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        ValueTask.FromResult(GetToken(requestContext, cancellationToken));
}
