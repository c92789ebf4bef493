using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.TableStorage;

/// <summary>The tables and their entities, each as the JSON that was written, in the order of their keys.</summary>
internal sealed class TableStore(TimeProvider time)
{
    private static readonly Comparer<(string Partition, string Row)> KeyOrder =
        Comparer<(string Partition, string Row)>.Create((a, b) => string.CompareOrdinal(a.Partition, b.Partition) is var order && order != 0 ? order : string.CompareOrdinal(a.Row, b.Row));

    private readonly Lock _lock = new();
    private readonly Dictionary<string, ImmutableSortedDictionary<(string Partition, string Row), string>> _tables = new(StringComparer.OrdinalIgnoreCase);

    /// <returns>False when it is there already.</returns>
    public bool Create(string table)
    {
        lock (_lock)
        {
            return _tables.TryAdd(table, ImmutableSortedDictionary.Create<(string, string), string>(KeyOrder));
        }
    }

    public bool Has(string table)
    {
        lock (_lock)
        {
            return _tables.ContainsKey(table);
        }
    }

    /// <summary>Writes an entity in place of the one that is there.</summary>
    public void Replace(string table, string partition, string row, JsonObject entity)
    {
        var now = time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        entity["PartitionKey"] = partition;
        entity["RowKey"] = row;
        entity["Timestamp@odata.type"] = "Edm.DateTime";
        entity["Timestamp"] = now;
        entity["odata.etag"] = $"W/\"datetime'{Uri.EscapeDataString(now)}'\"";
        lock (_lock)
        {
            _tables[table] = _tables[table].SetItem((partition, row), entity.ToJsonString());
        }
    }

    /// <returns>False when it isn't there.</returns>
    public bool Delete(string table, string partition, string row)
    {
        lock (_lock)
        {
            var before = _tables[table];
            _tables[table] = before.Remove((partition, row));
            return before.ContainsKey((partition, row));
        }
    }

    /// <summary>The entities from a key on; of one partition or of all.</summary>
    public IEnumerable<KeyValuePair<(string Partition, string Row), string>> List(string table, string? partition, (string Partition, string Row) from)
    {
        lock (_lock)
        {
            return _tables[table].Where(entity => (partition is null || entity.Key.Partition == partition) && KeyOrder.Compare(entity.Key, from) >= 0);
        }
    }
}
