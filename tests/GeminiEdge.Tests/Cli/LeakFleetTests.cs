using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Sandbox.TableStorage;
using GeminiEdge.Tests.Fleet;

namespace GeminiEdge.Tests.Cli;

/// <summary>A leak with a fleet register: what is measured, and what is said of each key's use.</summary>
public class LeakFleetTests
{
    [Theory]
    [InlineData(false, 0, "measured")]
    [InlineData(true, 2, "not_contained")]
    public async Task Leak_WithARegister_MeasuresContainmentAndComparesTheHours(bool stillHeld, int exitCode, string containment)
    {
        await using var bed = await CliBed.StartAsync();

        // A register whose clock is the command's: the fleet has its time to converge.
        await using var tables = await TableSandbox.StartAsync(bed.Vault.Certificate, time: bed.Time);
        bed.Environment["GEMINI_EDGE_FLEET"] = tables.Endpoint.AbsoluteUri;
        using var writer = new RegisterWriter(tables, bed);
        var leaked = bed.Put(KeySlot.Primary, SandboxKeyState.Invalid).Value[^4..];
        var standby = bed.Put(KeySlot.Secondary).Value[^4..];
        var began = bed.Time.GetUtcNow();
        var hour = KeyTotals.MinuteOf(began) / 60;
        await writer.WriteAsync(FleetRows.Row("dead", "old", began.AddHours(-20), Key(leaked, new AttemptHour(hour - 20, 5000), new AttemptHour(hour - 21, 400))));
        await writer.WriteAsync(FleetRows.Row("one", "old", began, Key(leaked, new AttemptHour(hour - 1, 500))));

        // The edge reads PRIMARY as soon as it is written, and has begun an attempt two seconds before.
        var last = default(DateTimeOffset);
        bed.Vault.AfterWrite = async write =>
        {
            if (write.Request is { Operation: KeyVaultOperation.Set } && write.Result is { } version && version.Name == KeySlot.Primary.Secret())
            {
                last = bed.Time.GetUtcNow().AddSeconds(-2);
                var ring = RingFingerprint.Of([("PRIMARY", standby, version.Version)]);
                await writer.WriteAsync(FleetRows.Row("one", ring, last.AddSeconds(2), FleetRows.Key("PRIMARY", standby),
                    Key(leaked, new AttemptHour(hour - 1, 500)) with { IsInRing = stillHeld, LastAttempt = last }));
            }

            return null;
        };

        var run = await bed.RunAsync("leak", "--by-hand", "--no-new-key", "--json");

        Assert.True(run.ExitCode == exitCode, run.Errors);
        Assert.Equal((containment, leaked), (run.Json["containment"]!.GetValue<string>(), run.Json["leaked_key_id"]!.GetValue<string>()));
        Assert.Equal(last, DateTimeOffset.Parse(run.Json["last_use"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture), TimeSpan.FromMilliseconds(1));
        if (stillHeld)
        {
            Assert.Null(run.Json["contained_s"]);
            Assert.Contains("Not contained: one had not read the newest ring", run.Errors, StringComparison.Ordinal);
        }
        else
        {
            // In tenths of a second.
            Assert.InRange(run.Json["contained_s"]!.GetValue<double>(), 1, (last - began).TotalSeconds + 0.05);
        }

        var use = Assert.Single(run.Json["use_by_key"]!.AsArray(), key => key!["key_id"]!.GetValue<string>() == leaked)!;
        Assert.Equal((5900, 5000, 500.0, true), (use["attempts"]!.GetValue<long>(), use["highest_hour"]!.GetValue<long>(), use["median_hour"]!.GetValue<double>(), use["spike"]!.GetValue<bool>()));
        Assert.Equal(3, use["hours"]!.AsObject().Count);
        Assert.Contains($"A spike: …{leaked} (leaked): 5,900 attempts in 3 hours, 5,000 in the highest", run.Errors, StringComparison.Ordinal);
        Assert.Contains("https://console.cloud.google.com/billing", run.Errors, StringComparison.Ordinal);
    }

    private static FleetKey Key(string id, params AttemptHour[] hours) => FleetRows.Key("PRIMARY", id) with { Hours = [.. hours] };
}
