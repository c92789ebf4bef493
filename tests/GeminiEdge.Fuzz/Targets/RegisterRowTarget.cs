using System.Buffers;
using System.Text.Json;
using Azure.Core;
using GeminiEdge.Fleet;
using GeminiEdge.Status;

namespace GeminiEdge.Fuzz.Targets;

/// <summary>A page of the fleet register's rows, as Table storage answers it, and all that is made of them for people.</summary>
internal static class RegisterRowTarget
{
    public static void Run(byte[] input)
    {
        var table = new FleetTable(new Uri("http://127.0.0.1:7000/register"), new NoToken(), StillTime.Provider, new FixedTransport(_ => (200, input)));
        var read = table.ReadAsync("app", CancellationToken.None).GetAwaiter().GetResult();
        Promise.That(read.Trouble is null || read.Trouble.Sentence.EndsWith('.'), "What is said is a sentence.");
        foreach (var row in read.Rows)
        {
            CheckRow(row);
        }

        var view = FleetView.Of(read.Rows, "ring", StillTime.Now);
        Promise.Same(read.Rows.Length, view.Active.Length + view.Idle.Length, "Each instance is active or idle.");
        Promise.That(view.Sentence.Length > 0 && view.Progress.Length > 0, "The fleet can be told of.");
        var totals = KeyTotals.Of(read.Rows, _ => true, 0);
        Promise.That(totals.Attempts >= 0 && KeyTotals.Parse(totals.ToText()) == totals, "Totals are read as they are written.");
        foreach (var use in DailyUse.Of(read.Rows, StillTime.Now))
        {
            _ = (use.IsSpike, use.Median);
            Promise.That(use.Attempts >= 0, "Nobody made fewer than no attempts.");
        }

        _ = Containment.Of(read.Rows, [], "0001", StillTime.Now, StillTime.Now).Sentence;
        CheckJson(read);
    }

    private static void CheckRow(FleetRow row)
    {
        var written = row.ToEntity();
        var again = FleetRow.FromEntity(written.ToDictionary());
        Promise.That(AreSame(written, again.ToEntity()), "A row is read as it is written.");
        Promise.That(row with { Requests = [], Keys = [] } == again with { Requests = [], Keys = [] } && row.Requests.SequenceEqual(again.Requests), "All of a row is written.");
        Promise.That(row.Keys.Length == again.Keys.Length && row.Keys.Zip(again.Keys).All(pair => AreSame(pair.First, pair.Second)), "All of its keys is written.");
        _ = row.ShortName;
    }

    private static bool AreSame(FleetKey one, FleetKey other) =>
        one with { Minutes = [], Hours = [] } == other with { Minutes = [], Hours = [] } && one.Minutes.SequenceEqual(other.Minutes) && one.Hours.SequenceEqual(other.Hours);

    private static bool AreSame(IReadOnlyDictionary<string, object> one, IReadOnlyDictionary<string, object> other) =>
        one.Count == other.Count && one.All(property => other.TryGetValue(property.Key, out var value) && property.Value.Equals(value));

    private static void CheckJson(FleetRead read)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            FleetJson.Write(json, read, StillTime.Now);
            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        Promise.Same(read.Rows.Length, document.RootElement.GetProperty("fleet").GetProperty("instances").GetArrayLength(), "The page shows each instance.");
    }

    private sealed class NoToken : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => default;

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => default;
    }
}
