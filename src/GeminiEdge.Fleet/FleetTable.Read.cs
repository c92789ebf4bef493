using System.Collections.Immutable;
using System.Text.Json;
using Azure.Core;

namespace GeminiEdge.Fleet;

// Reads them for the operators' page of an edge; an operator's own command has the SDK.
internal sealed partial class FleetTable
{
    // A thousand rows each.
    private const int MostPages = 5;

    /// <summary>An app's rows in the order of their names. Never throws.</summary>
    public async Task<FleetRead> ReadAsync(string app, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var rows = ImmutableArray.CreateBuilder<FleetRow>();
        try
        {
            var next = "";
            for (var page = 0; page < MostPages; page++)
            {
                using var message = Message(RequestMethod.Get, $"{FleetRow.Table}()?$filter=PartitionKey%20eq%20'{app}'{next}");
                await _pipeline.SendAsync(message, either.Token);
                var response = message.Response;
                if (response.Status != 200)
                {
                    // Before the first row is written there is no table.
                    return new FleetRead(rows.ToImmutable(), response.Status == 404 ? null : FleetTrouble.OfRead(response.Status, Endpoint));
                }

                AddRows(rows, response.Content);
                if (!response.Headers.TryGetValue("x-ms-continuation-NextPartitionKey", out var partition))
                {
                    break;
                }

                response.Headers.TryGetValue("x-ms-continuation-NextRowKey", out var row);
                next = $"&NextPartitionKey={Uri.EscapeDataString(partition)}&NextRowKey={Uri.EscapeDataString(row ?? "")}";
            }

            return new FleetRead(rows.ToImmutable());
        }
#pragma warning disable CA1031 // The boundary to the network: who looks at the fleet sees what could be read, and why not more.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return new FleetRead(rows.ToImmutable(), FleetTrouble.Of(e, Endpoint));
        }
    }

    private static void AddRows(ImmutableArray<FleetRow>.Builder rows, BinaryData content)
    {
        using var json = JsonDocument.Parse(content);
        foreach (var entity in json.RootElement.GetProperty("value").EnumerateArray())
        {
            rows.Add(FleetRow.FromEntity(entity.EnumerateObject().Where(property => property.Value.ValueKind == JsonValueKind.String)
                .ToDictionary(property => property.Name, ValueOf, StringComparer.Ordinal)));
        }
    }

    private static object ValueOf(JsonProperty property) =>
        property.Name is "LastSeen" or "RingRead" or "RingSwapped" && property.Value.TryGetDateTimeOffset(out var time) ? time : property.Value.GetString()!;
}

/// <summary>The register's rows, and why they are not all.</summary>
internal sealed record FleetRead(ImmutableArray<FleetRow> Rows, FleetTrouble? Trouble = null);
