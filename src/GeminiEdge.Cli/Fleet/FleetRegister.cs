using System.Collections.Immutable;
using Azure;
using Azure.Core;
using Azure.Data.Tables;
using GeminiEdge.Fleet;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Fleet;

/// <summary>The fleet register, as an operator reads it.</summary>
internal sealed class FleetRegister
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // The SDK speaks plain http with a shared key alone; this one opens nothing.
    private static readonly TableSharedKeyCredential Nobody = new("nobody", Convert.ToBase64String("nothing"u8));

    private readonly TableClient _table;
    private readonly Uri _endpoint;

    /// <param name="app">Whose rows; null for every app's.</param>
    /// <param name="credential">Shown over TLS alone, so that a plain endpoint on this machine is read without.</param>
    public FleetRegister(Uri endpoint, string? app, TokenCredential credential, TableClientOptions? options = null)
    {
        (_endpoint, App) = (endpoint, app);
        options ??= new TableClientOptions { Retry = { MaxRetries = 1, NetworkTimeout = Patience } };
        var service = endpoint.Scheme == Uri.UriSchemeHttps ? new TableServiceClient(endpoint, credential, options) : new TableServiceClient(endpoint, Nobody, options);
        _table = service.GetTableClient(FleetRow.Table);
    }

    public string? App { get; }

    public async Task<FleetReading> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var rows = ImmutableArray.CreateBuilder<FleetRow>();
            await foreach (var entity in _table.QueryAsync<TableEntity>(Filter(), cancellationToken: cancellationToken))
            {
                rows.Add(FleetRow.FromEntity(entity));
            }

            return new FleetReading(rows.ToImmutable());
        }
        catch (RequestFailedException e) when (e is { Status: 404, ErrorCode: "TableNotFound" })
        {
            // No instance has written yet.
            return new FleetReading([]);
        }
        catch (Exception e) when (OperatorFault.IsOfTheVault(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new FleetReading([], RegisterFault.Explain(e, _endpoint));
        }
    }

    /// <summary>Removes rows.</summary>
    /// <returns>How many, and why not all.</returns>
    public async Task<(int Removed, RotationResult? Failure)> RemoveAsync(IEnumerable<FleetRow> rows, CancellationToken cancellationToken)
    {
        var removed = 0;
        try
        {
            foreach (var row in rows)
            {
                await _table.DeleteEntityAsync(row.App, row.Instance, ETag.All, cancellationToken);
                removed++;
            }

            return (removed, null);
        }
        catch (Exception e) when (OperatorFault.IsOfTheVault(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            return (removed, RegisterFault.Explain(e, _endpoint));
        }
    }

    private string? Filter() => App is null ? null : TableClient.CreateQueryFilter($"PartitionKey eq {App}");
}
