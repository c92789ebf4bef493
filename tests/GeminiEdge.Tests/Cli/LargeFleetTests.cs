using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;
using GeminiEdge.Sandbox.TableStorage;
using GeminiEdge.Tests.Fleet;

namespace GeminiEdge.Tests.Cli;

/// <summary>A fleet that is larger than a page of the table.</summary>
public class LargeFleetTests
{
    [Fact]
    public async Task Command_Of500Instances_ReadsEveryPageOfThem()
    {
        await using var bed = await CliBed.StartAsync();
        await using var tables = await TableSandbox.StartAsync(bed.Vault.Certificate);
        bed.Environment["GEMINI_EDGE_FLEET"] = tables.Endpoint.AbsoluteUri;
        var key = bed.Put(KeySlot.Primary).Value[^4..];
        await WriteAsync(bed, tables, RingFingerprint.Of([("PRIMARY", key, bed.Vault.Latest(KeySlot.Primary.Secret())!.Version)]));

        var (fleet, confirm) = (await bed.RunAsync("fleet"), await bed.RunAsync("confirm"));

        Assert.Equal((0, 0), (fleet.ExitCode, confirm.ExitCode));
        Assert.All([fleet, confirm], run => Assert.Contains("500 active instances hold the newest ring", run.Output, StringComparison.Ordinal));
    }

    private static async Task WriteAsync(CliBed bed, TableSandbox tables, string ring)
    {
        using var writer = new RegisterWriter(tables, bed);

        // A busy hour each.
        var now = TimeProvider.System.GetUtcNow();
        AttemptMinute[] hour = [.. Enumerable.Range(0, 60).Select(i => new AttemptMinute(KeyTotals.MinuteOf(now) - i, 60_000, 1, 1, 1, 1, 1))];
        foreach (var row in FleetRows.Many(500, i => FleetRows.Row($"instance-{i:000}", ring, now, FleetRows.Key("PRIMARY", "aaaa", hour), FleetRows.Key("OLD", "bbbb", hour))))
        {
            await writer.WriteAsync(row);
        }
    }
}
