using System.Collections.Immutable;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
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

    /// <summary>How far this machine's clock may be off the register's: by it the rows of the last two minutes are told from the others.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(30);

    private readonly TableClient _table;
    private readonly Uri _endpoint;
    private readonly TimeProvider _time;

    /// <param name="app">Whose rows; null for every app's.</param>
    /// <param name="credential">Shown over TLS alone, so that a plain endpoint on this machine is read without.</param>
    /// <param name="time">The clock that is held against the register's.</param>
    public FleetRegister(Uri endpoint, string? app, TokenCredential credential, TimeProvider time, HttpPipelineTransport transport)
    {
        (_endpoint, App, _time) = (endpoint, app, time);
        var options = new TableClientOptions { Transport = transport, Retry = { MaxRetries = 1, NetworkTimeout = Patience } };
        var service = endpoint.Scheme == Uri.UriSchemeHttps ? new TableServiceClient(endpoint, credential, options) : new TableServiceClient(endpoint, Nobody, options);
        _table = service.GetTableClient(FleetRow.Table);
    }

    public string? App { get; }

    public async Task<FleetReading> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var rows = ImmutableArray.CreateBuilder<FleetRow>();
            await foreach (var page in _table.QueryAsync<TableEntity>(Filter(), cancellationToken: cancellationToken).AsPages())
            {
                if (WhyClockIsWrong(page.GetRawResponse()) is { } wrong)
                {
                    return new FleetReading([], wrong);
                }

                rows.AddRange(page.Values.Select(FleetRow.FromEntity));
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

    // Ahead, it takes instances in use for idle ones, and a fleet that lags for a converged one.
    private RotationResult? WhyClockIsWrong(Response response) =>
        response.Headers.Date - _time.GetUtcNow() is { } offset && offset.Duration() > ClockTolerance
            ? new(RotationOutcome.Failed, $"This machine's clock is {offset.Duration().TotalSeconds:0} s {(offset > TimeSpan.Zero ? "behind" : "ahead of")} the fleet register's, and who is active rests on it: set it right first.")
            : null;

    private string? Filter() => App is null ? null : TableClient.CreateQueryFilter($"PartitionKey eq {App}");
}
