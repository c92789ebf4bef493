using Azure.Core.Pipeline;
using GeminiEdge.Fleet;
using GeminiEdge.Keys;
using GeminiEdge.Sandbox.TableStorage;
using GeminiEdge.Tests.Fleet;

namespace GeminiEdge.Tests.Cli;

[Collection(nameof(DrillTests))]
public class FleetSpeedTests
{
    private static readonly TimeSpan Bar = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData("fleet")]
    [InlineData("confirm")]
    public async Task Command_Of500Instances_AnswersWithinTwoSeconds(string command)
    {
        await using var bed = await CliBed.StartAsync();
        await using var tables = await TableSandbox.StartAsync(bed.Vault.Certificate);
        bed.Environment["GEMINI_EDGE_FLEET"] = tables.Endpoint.AbsoluteUri;
        var key = bed.Put(KeySlot.Primary).Value[^4..];
        await WriteAsync(bed, tables, RingFingerprint.Of([("PRIMARY", key, bed.Vault.Latest(KeySlot.Primary.Secret())!.Version)]));

        var took = await FastestAsync(bed, "500 active instances hold the newest ring", command);

        // What the machine takes for the command itself, with nothing to read, is no part of the bar where it is slow.
        var nothing = await FastestAsync(bed, "holds no instance", "fleet", "--app", "nobody");
        TestContext.Current.TestOutputHelper!.WriteLine($"{command}: {took.TotalSeconds:0.00} s; of nobody {nothing.TotalSeconds:0.00} s");
        Assert.True(took <= Bar || took <= 2 * nothing, $"{command} took {took}, with nothing to read {nothing}.");
    }

    // What else runs on the machine is no part of the command.
    private static async Task<TimeSpan> FastestAsync(CliBed bed, string expected, params string[] arguments)
    {
        var fastest = TimeSpan.MaxValue;
        for (var i = 0; i < 3 && fastest > Bar; i++)
        {
            var began = TimeProvider.System.GetTimestamp();
            var run = await bed.RunAsync(arguments);
            var took = TimeProvider.System.GetElapsedTime(began);
            fastest = took < fastest ? took : fastest;
            Assert.Equal(0, run.ExitCode);
            Assert.Contains(expected, run.Output, StringComparison.Ordinal);
        }

        return fastest;
    }

    private static async Task WriteAsync(CliBed bed, TableSandbox tables, string ring)
    {
        var trusted = bed.Vault.Certificate.RawData;
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.GetRawCertData().AsSpan().SequenceEqual(trusted);
        using var http = new HttpClient(handler);
        var writer = new FleetTable(tables.Endpoint, new StorageToken(), TimeProvider.System, new HttpClientTransport(http));

        // A busy hour each.
        var now = TimeProvider.System.GetUtcNow();
        AttemptMinute[] hour = [.. Enumerable.Range(0, 60).Select(i => new AttemptMinute(KeyTotals.MinuteOf(now) - i, 60_000, 1, 1, 1, 1, 1))];
        foreach (var row in FleetRows.Many(500, i => FleetRows.Row($"instance-{i:000}", ring, now, FleetRows.Key("PRIMARY", "aaaa", hour), FleetRows.Key("OLD", "bbbb", hour))))
        {
            Assert.Null(await writer.WriteAsync(row, default));
        }
    }
}
