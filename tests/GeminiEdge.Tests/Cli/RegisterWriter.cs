using Azure.Core.Pipeline;
using GeminiEdge.Fleet;
using GeminiEdge.Sandbox.TableStorage;
using GeminiEdge.Tests.Fleet;

namespace GeminiEdge.Tests.Cli;

/// <summary>Writes rows into a simulated register as the edges do.</summary>
internal sealed class RegisterWriter : IDisposable
{
    private readonly HttpClient _http;
    private readonly FleetTable _table;

    public RegisterWriter(TableSandbox tables, CliBed bed)
    {
        var trusted = bed.Vault.Certificate.RawData;
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetRawCertData().AsSpan().SequenceEqual(trusted);
        _http = new HttpClient(handler);
        _table = new FleetTable(tables.Endpoint, new StorageToken(), TimeProvider.System, new HttpClientTransport(_http));
    }

    public async Task WriteAsync(FleetRow row) => Assert.Null(await _table.WriteAsync(row, default));

    public void Dispose() => _http.Dispose();
}
