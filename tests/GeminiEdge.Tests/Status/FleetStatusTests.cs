using Azure.Security.KeyVault.Secrets;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;
using GeminiEdge.Rotation;
using GeminiEdge.Sandbox.TableStorage;
using GeminiEdge.Status;
using GeminiEdge.Tests.Fleet;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Status;

public class FleetStatusTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Status_WithARegister_ShowsEveryInstanceOfTheApp()
    {
        await using var tables = await TableSandbox.StartAsync(pageSize: 1);
        var table = new FleetTable(tables.Endpoint, new StorageToken(), TimeProvider.System);
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup
        {
            Fleet = table,
            Settings = { ["GEMINI_EDGE_FLEET"] = tables.Endpoint.AbsoluteUri, ["WEBSITE_SITE_NAME"] = "app", ["WEBSITE_INSTANCE_ID"] = "one" },
        });
        (await edge.GenerateAsync()).EnsureSuccessStatusCode();
        await edge.Services.GetRequiredService<FleetReporter>().StopAsync(TestContext.Current.CancellationToken);
        Assert.Null(await table.WriteAsync(
            new FleetRow { App = "app", Instance = "two", Ring = "another", LastSeen = TimeProvider.System.GetUtcNow(), Keys = [new FleetKey("PRIMARY", "abcd", "v1", true, "rejected", false, null, []) { Verdict = "key_invalid" }] },
            TestContext.Current.CancellationToken));
        Assert.Null(await table.WriteAsync(new FleetRow { App = "other", Instance = "three" }, TestContext.Current.CancellationToken));

        var status = await StatusTests.StatusAsync(edge);

        Assert.Equal("one", (string?)status["instance"]);
        var instances = status["fleet"]!["instances"]!.AsArray();
        Assert.Equal(["one True", "two True"], instances.Select(row => $"{row!["instance"]} {(bool)row["active"]!}"));
        Assert.Equal(("rejected", "key_invalid"), ((string?)instances[1]!["keys"]![0]!["state"], (string?)instances[1]!["keys"]![0]!["verdict"]));
        Assert.False((bool)status["fleet"]!["same_ring"]!);
        Assert.Null(status["fleet"]!["trouble"]);
    }

    [Fact]
    public async Task Status_TheRegisterIsOutOfReach_SaysSo()
    {
        var nobody = new Uri(RawUpstream.Nobody());
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_EDGE_FLEET"] = nobody.AbsoluteUri } });

        var fleet = (await StatusTests.StatusAsync(edge))["fleet"]!;

        Assert.Contains("can't be reached", (string?)fleet["trouble"], StringComparison.Ordinal);
        Assert.Empty(fleet["instances"]!.AsArray());
    }

    [Fact]
    public async Task Status_WithAVault_ShowsVersionAgeAndTheRotationUnderWay()
    {
        var expires = Now + TimeSpan.FromDays(30);
        await using var test = await VaultEdge.StartAsync(vault => vault.PutNew(KeySlot.Primary, expires), time: new FakeTimeProvider(Now));
        test.Vault.Set(RotationRecord.Secret, "run", new Dictionary<string, string>
        {
            [RotationTags.Command] = "promote",
            [RotationTags.Operator] = "ann@example.com",
            [RotationTags.Expiry] = RotationTags.Time(test.Time.GetUtcNow() + TimeSpan.FromMinutes(2)),
        });

        var status = await StatusTests.StatusAsync(test.Edge);

        var key = Assert.Single(status["keys"]!.AsArray())!;
        Assert.Equal(test.Edge.Ring.Keys[0].Version, (string?)key["version"]);
        Assert.Equal((Now, expires), (key["created"]!.GetValue<DateTimeOffset>(), key["expires"]!.GetValue<DateTimeOffset>()));
        Assert.Equal(("promote", "ann@example.com"), ((string?)status["rotation"]!["command"], (string?)status["rotation"]!["operator"]));
    }

    [Fact]
    public void Rotation_IsUnderWay_WhileItsRecordLives()
    {
        var record = new SecretProperties(RotationRecord.Secret);
        record.Tags[RotationTags.Command] = "promote";
        record.Tags[RotationTags.Operator] = "ann@example.com";
        record.Tags[RotationTags.Expiry] = RotationTags.Time(Now + TimeSpan.FromMinutes(2));

        var underWay = RotationUnderWay.Of(record, Now);
        var later = RotationUnderWay.Of(record, Now + TimeSpan.FromMinutes(2));
        record.Tags[RotationTags.Released] = RotationRecord.Done;

        Assert.Equal(("promote", "ann@example.com", Now + TimeSpan.FromMinutes(2)), (underWay!.Command, underWay.Operator, underWay.Until));
        Assert.Null(later);
        Assert.Null(RotationUnderWay.Of(record, Now));
    }
}
