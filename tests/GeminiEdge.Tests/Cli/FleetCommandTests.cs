using System.Globalization;
using System.Text.Json.Nodes;
using Azure.Data.Tables;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;
using GeminiEdge.Tests.Fleet;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Tests.Cli;

[Collection(SharedAzurite.Name)]
public class FleetCommandTests(Azurite azurite)
{
    private readonly string _app = $"app-{Guid.NewGuid():N}";

    [Fact]
    public async Task Fleet_OfNewOldAndIdleInstances_ShowsEachAndWhoLags()
    {
        await using var bed = await StartAsync();
        var primary = bed.Put(KeySlot.Primary).Value[^4..];
        var minute = KeyTotals.MinuteOf(TimeProvider.System.GetUtcNow());
        await WriteAsync("instance-that-is-new", Newest(bed), secondsAgo: 3, FleetRows.Key("PRIMARY", primary, new AttemptMinute(minute, 1234, 0, 5, 0, 0, 0)));
        await WriteAsync("lagging", "0123456789abcdef", secondsAgo: 3);
        await WriteAsync("idle", "0123456789abcdef", secondsAgo: 300, FleetRows.Key("PRIMARY", primary) with { IsLeaked = true },
            FleetRows.Key("SECONDARY", "gone") with { IsLeaked = true, IsInRing = false });

        var (text, json, keys) = (await bed.RunAsync("fleet"), await bed.RunAsync("fleet", "--json"), await bed.RunAsync("keys", "--no-probe"));

        Assert.Equal((0, 0), (text.ExitCode, json.ExitCode));
        var lines = text.Output.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.Contains(lines, line => line is ["…-that-is-new", _, "West", "Europe", "1.2.3", "PRIMARY", _, "ok", "healthy", _, "s", "ago", "1,234", "ok,", "5", "quota"]);
        Assert.Contains(lines, line => line.Contains("lagging") && line.Contains("LAGS"));
        Assert.Contains("Not converged: 1 of 2 active instances lags: lagging. 1 idle instance", text.Output, StringComparison.Ordinal);
        Assert.Equal((false, 2, 1), (json.Json["converged"]!.GetValue<bool>(), json.Json["active"]!.GetValue<int>(), json.Json["idle"]!.GetValue<int>()));
        Assert.Equal("lagging", Assert.Single(json.Json["lagging"]!.AsArray())!.GetValue<string>());
        Assert.Equal(1234, Instance(json, "instance-that-is-new")["last_minute"]!["ok"]!.GetValue<int>());
        Assert.Equal(primary, Assert.Single(Instance(json, "idle")["leaked"]!.AsArray())!.GetValue<string>());
        Assert.Contains("key_leaked in traffic", keys.Output, StringComparison.Ordinal);
        Assert.Contains($"PRIMARY …{primary} rejected (key_leaked)", text.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("…gone", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fleet_GoogleRefusesAKeySomewhere_SaysItInWordsAndChecksWith2()
    {
        await using var bed = await StartAsync();
        var primary = bed.Put(KeySlot.Primary).Value[^4..];
        await WriteAsync("well", Newest(bed), secondsAgo: 3, FleetRows.Key("PRIMARY", primary));
        await WriteAsync("idle", Newest(bed), secondsAgo: 300, FleetRows.Key("PRIMARY", primary).Rejected());
        var before = await bed.RunAsync("fleet", "--check");
        await WriteAsync("told", Newest(bed), secondsAgo: 3,
            FleetRows.Key("PRIMARY", primary).Rejected() with { Verdict = "key_invalid" }, FleetRows.Key("SECONDARY", "cool") with { State = "cooling_down", Verdict = "billing_exhausted" });

        var (text, check, json, keys) = (await bed.RunAsync("fleet"), await bed.RunAsync("fleet", "--check"), await bed.RunAsync("fleet", "--check", "--json"),
            await bed.RunAsync("keys", "--no-probe", "--check"));

        Assert.Equal((0, 0, 2, 2, 2), (before.ExitCode, text.ExitCode, check.ExitCode, json.ExitCode, keys.ExitCode));
        Assert.Contains($"PRIMARY …{primary} rejected (key_invalid), SECONDARY …cool cooling down (billing_exhausted)", text.Output, StringComparison.Ordinal);
        Assert.Contains($"Google refuses a key: told PRIMARY …{primary} rejected (key_invalid).", check.Output, StringComparison.Ordinal);
        Assert.Equal(("rejected", true), (json.Json["outcome"]!.GetValue<string>(), json.Json["converged"]!.GetValue<bool>()));
        Assert.Equal(["rejected key_invalid", "cooling_down billing_exhausted"], Instance(json, "told")["keys"]!.AsArray().Select(key => $"{key!["state"]} {key["verdict"]}"));
        Assert.Contains("rejected in traffic by 1 instance", keys.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 0, "Converged: 2 active instances hold the newest ring. 1 idle instance re-reads")]
    [InlineData(false, 2, "Not converged: 1 of 2 active instances lags: two.")]
    public async Task Confirm_TheFleetHolds_ExitsByIt(bool isNewest, int exitCode, string sentence)
    {
        await using var bed = await StartAsync();
        bed.Put(KeySlot.Primary);
        await WriteAsync("one", Newest(bed));
        await WriteAsync("two", isNewest ? Newest(bed) : "0123456789abcdef");
        await WriteAsync("three", "0123456789abcdef", secondsAgo: 121);

        var (text, json) = (await bed.RunAsync("confirm", "--timeout", "2s"), await bed.RunAsync("confirm", "--timeout", "0s", "--json"));

        Assert.Equal((exitCode, exitCode), (text.ExitCode, json.ExitCode));
        Assert.Contains(sentence, text.Output + text.Errors, StringComparison.Ordinal);
        Assert.Equal(isNewest ? "done" : "not_converged", json.Json["outcome"]!.GetValue<string>());
    }

    [Fact]
    public async Task Confirm_OfAnAppThatNobodyWroteFor_ProvesNothing()
    {
        await using var bed = await StartAsync();
        bed.Put(KeySlot.Primary);

        var run = await bed.RunAsync("confirm", "--app", "another");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("holds no instance", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(180, 1, @"This machine's clock is 1(79|80) s behind the fleet register's")]
    [InlineData(-180, 1, @"This machine's clock is 18[0-9] s ahead of the fleet register's")]
    [InlineData(-15, 2, "holds no instance")]
    public async Task Confirm_ByAClockThatIsWrong_ProvesNothing(int registerIsAheadBy, int exitCode, string words)
    {
        await using var bed = await StartAsync();
        bed.Put(KeySlot.Primary);
        await using var register = await StartRegisterAsync(() => TimeProvider.System.GetUtcNow().AddSeconds(registerIsAheadBy));

        var run = await bed.RunAsync("confirm", "--timeout", "0s", "--fleet", register.Urls.Single());

        Assert.Equal(exitCode, run.ExitCode);
        Assert.Matches(words, run.Errors);
    }

    [Fact]
    public async Task Purge_RowsOlderThanADay_AreRemoved()
    {
        await using var bed = await StartAsync();
        bed.Put(KeySlot.Primary);
        await WriteAsync("kept", "x", secondsAgo: 23 * 3600);
        await WriteAsync("gone", "x", secondsAgo: 25 * 3600);

        var would = await bed.RunAsync("purge", "--dry-run");
        var before = (await azurite.RowsAsync(_app)).Count;
        var run = await bed.RunAsync("purge");

        Assert.Equal((0, 2, 0), (would.ExitCode, before, run.ExitCode));
        Assert.Contains($"would: remove the instance gone of {_app}, last seen ", would.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("the instance kept", would.Output, StringComparison.Ordinal);
        Assert.Contains("remove 1 instance unseen for a day", run.Output, StringComparison.Ordinal);
        Assert.Equal("kept", Assert.Single(await azurite.RowsAsync(_app)).Instance);
    }

    [Fact]
    public async Task Purge_TheRegisterIsAway_WarnsAndIsDone()
    {
        await using var bed = await StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Time.TakesItsTime = false;

        var run = await bed.RunAsync("purge", "--fleet", "http://127.0.0.1:9/");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Warning: The fleet register at http://127.0.0.1:9 can't be reached", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fleet")]
    [InlineData("confirm")]
    [InlineData("watch")]
    [InlineData("rotate")]
    public async Task Command_WithoutARegister_IsAUsageError(string command)
    {
        await using var bed = await CliBed.StartAsync();

        var run = await bed.RunAsync(command);

        Assert.Equal((64, 0), (run.ExitCode, bed.Vault.WriteCount));
        Assert.Contains("No fleet register is named", run.Errors, StringComparison.Ordinal);
    }

    private async Task<CliBed> StartAsync()
    {
        var bed = await CliBed.StartAsync();
        bed.Use(azurite, _app);

        // Azurite's clock is the system's: it takes no token of a later hour.
        bed.Time.TakesItsTime = true;
        return bed;
    }

    /// <summary>One with no rows, and with a clock of its own.</summary>
    private static async Task<WebApplication> StartRegisterAsync(Func<DateTimeOffset> now)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Run(context =>
        {
            context.Response.Headers.Date = now().ToString("R", CultureInfo.InvariantCulture);
            context.Response.ContentType = "application/json;odata=minimalmetadata";
            return context.Response.WriteAsync("""{"value":[]}""");
        });
        await app.StartAsync();
        return app;
    }

    // The vault holds PRIMARY alone.
    private static string Newest(CliBed bed)
    {
        var secret = bed.Vault.Latest(KeySlot.Primary.Secret())!;
        return RingFingerprint.Of([("PRIMARY", secret.Value[^4..], secret.Version)]);
    }

    private Task<Azure.Response> WriteAsync(string instance, string ring, double secondsAgo = 0, params FleetKey[] keys) =>
        azurite.Client.GetTableClient(FleetRow.Table).UpsertEntityAsync(Entity(FleetRows.Row(instance, ring, TimeProvider.System.GetUtcNow().AddSeconds(-secondsAgo), keys)), TableUpdateMode.Replace);

    private TableEntity Entity(FleetRow row) => new((row with { App = _app }).ToEntity().ToDictionary());

    private static JsonObject Instance(CliRun run, string name) => run.Json["instances"]!.AsArray().Select(row => row!.AsObject()).Single(row => row["instance"]!.GetValue<string>() == name);
}
