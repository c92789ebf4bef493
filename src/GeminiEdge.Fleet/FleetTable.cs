using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;

namespace GeminiEdge.Fleet;

/// <summary>
/// Writes rows by the REST interface of Azure Table storage. The SDK for it (<c>Azure.Data.Tables</c>) reads and writes
/// by reflection, which native compilation takes away.
/// </summary>
internal sealed partial class FleetTable
{
    /// <summary>How long a write may take, the token and the table's creation included.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const string ServiceVersion = "2020-12-06";

    private readonly string _base;
    private readonly HttpPipeline _pipeline;
    private readonly TimeProvider _time;

    /// <param name="endpoint">The storage account's tables.</param>
    /// <param name="credential">Who writes; shown over TLS alone, so that a plain endpoint on this machine is written without.</param>
    /// <param name="transport">Replaces the connection.</param>
    public FleetTable(Uri endpoint, TokenCredential credential, TimeProvider time, HttpPipelineTransport? transport = null)
    {
        (Endpoint, _base, _time) = (endpoint, endpoint.AbsoluteUri.TrimEnd('/'), time);
        var options = new Options
        {
            // The reporter has a rhythm of its own, in which a failed write is tried again.
            Retry = { MaxRetries = 0, NetworkTimeout = Patience },
            Diagnostics = { IsDistributedTracingEnabled = false, IsLoggingEnabled = false, IsTelemetryEnabled = false },
        };
        if (transport is not null)
        {
            options.Transport = transport;
        }

        _pipeline = endpoint.Scheme == Uri.UriSchemeHttps
            ? HttpPipelineBuilder.Build(options, new BearerTokenAuthenticationPolicy(credential, "https://storage.azure.com/.default"))
            : HttpPipelineBuilder.Build(options);
    }

    public Uri Endpoint { get; }

    /// <summary>Writes a row in place of the one that is there; makes the table if it is missing. Never throws.</summary>
    /// <returns>Why it could not be written.</returns>
    public async Task<FleetTrouble?> WriteAsync(FleetRow row, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var status = await PutAsync(row, either.Token);
            if (status == 404)
            {
                // A row is written whether there was one or not, so what is missing is the table.
                await CreateAsync(either.Token);
                status = await PutAsync(row, either.Token);
            }

            return status < 300 ? null : FleetTrouble.OfStatus(status, Endpoint);
        }
#pragma warning disable CA1031 // The boundary to the network: nobody waits for a write, so nobody would hear of its exception.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return FleetTrouble.Of(e, Endpoint);
        }
    }

    private Task<int> PutAsync(FleetRow row, CancellationToken cancellationToken) => SendAsync(
        RequestMethod.Put, $"{FleetRow.Table}(PartitionKey='{row.App}',RowKey='{row.Instance}')", json => WriteEntity(json, row.ToEntity()), cancellationToken);

    // Another instance may have made it meanwhile; the row's second write tells whether it is there.
    private Task<int> CreateAsync(CancellationToken cancellationToken) => SendAsync(
        RequestMethod.Post, "Tables", json => json.WriteString("TableName"u8, FleetRow.Table), cancellationToken);

    private async Task<int> SendAsync(RequestMethod method, string path, Action<Utf8JsonWriter> write, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        using var message = Message(method, path);
        var request = message.Request;
        request.Headers.Add("Content-Type", "application/json");
        request.Headers.Add("Prefer", "return-no-content");
        request.Content = RequestContent.Create(body.WrittenMemory);
        await _pipeline.SendAsync(message, cancellationToken);
        return message.Response.Status;
    }

    private HttpMessage Message(RequestMethod method, string path)
    {
        var message = _pipeline.CreateMessage();
        var request = message.Request;
        request.Method = method;
        request.Uri.Reset(new Uri($"{_base}/{path}"));
        request.Headers.Add("x-ms-version", ServiceVersion);
        request.Headers.Add("x-ms-date", _time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture));
        request.Headers.Add("DataServiceVersion", "3.0");
        request.Headers.Add("Accept", "application/json;odata=nometadata");
        return message;
    }

    private static void WriteEntity(Utf8JsonWriter json, IReadOnlyDictionary<string, object> entity)
    {
        foreach (var (name, value) in entity)
        {
            if (value is DateTimeOffset time)
            {
                json.WriteString($"{name}@odata.type", "Edm.DateTime");
                json.WriteString(name, time.UtcDateTime);
            }
            else
            {
                json.WriteString(name, (string)value);
            }
        }
    }

    private sealed class Options : ClientOptions;
}
