using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Fleet;

[Collection(SharedAzurite.Name)]
public class FleetRegisterTests(Azurite azurite)
{
    [Fact]
    public async Task Row_AfterUse_SaysWhatTheInstanceIsAndDid()
    {
        await using var test = await FleetEdge.StartAsync(azurite);
        test.Edge.Primary.State = SandboxKeyState.QuotaDay;
        await test.AskAsync(3);
        await test.CountedAsync(4);
        test.Time.Advance(FleetReporter.Interval);
        await test.WrittenAsync(2);

        var row = await test.RowAsync();

        var (primary, secondary) = (row.Keys[0], row.Keys[1]);
        Assert.Equal((test.App, "one", "West Europe"), (row.App, row.Instance, row.Region));
        Assert.Equal(EdgeVersion.Text, row.Version);
        Assert.Equal(("PRIMARY", FleetEdge.Id(test.Edge.Primary)), (row.ActiveSlot, row.ActiveKey));
        Assert.Equal((FleetEdge.Start, FleetEdge.Start, FleetEdge.Start), (row.LastSeen, row.RingRead, row.RingSwapped));
        Assert.Equal(RingFingerprint.Of(test.Edge.Ring.Keys.Select(key => (key.Slot.Name(), key.Id, key.Version))), row.Ring);
        Assert.Equal([new RequestMinute(Minute(FleetEdge.Start), 3, 0)], row.Requests);
        Assert.Equal([new AttemptMinute(Minute(FleetEdge.Start), 0, 0, 1, 0, 0, 0)], primary.Minutes);
        Assert.Equal([new AttemptMinute(Minute(FleetEdge.Start), 3, 0, 0, 0, 0, 0)], secondary.Minutes);
        Assert.Equal(("SECONDARY", FleetEdge.Id(test.Edge.Secondary), true, "healthy", false, FleetEdge.Start),
            (secondary.Slot, secondary.KeyId, secondary.IsInRing, secondary.State, secondary.IsLeaked, secondary.LastAttempt));
    }

    [Fact]
    public async Task Row_InUseAllTheTime_IsWrittenEveryTenSeconds()
    {
        await using var test = await FleetEdge.StartAsync(azurite);

        for (var second = 0; second < 35; second++)
        {
            await test.AskAsync();
            await test.CountedAsync(second + 1);
            test.Time.Advance(TimeSpan.FromSeconds(1));
            await test.WrittenAsync(1 + ((second + 1) / 10));
        }

        Assert.Equal([0, 10, 20, 30], test.Link.Writes.Select(write => (write.Time - FleetEdge.Start).TotalSeconds));
    }

    [Fact]
    public async Task Row_OfAnIdleInstance_IsWrittenNoMoreAndAtItsNextUseAtOnce()
    {
        await using var test = await FleetEdge.StartAsync(azurite);
        await test.AskAsync();
        await test.CountedAsync(1);
        test.Time.Advance(FleetReporter.Interval);
        await test.WrittenAsync(2);

        for (var minute = 0; minute < 10; minute++)
        {
            test.Time.Advance(TimeSpan.FromMinutes(1));
        }

        await test.AskAsync();
        await test.WrittenAsync(3);

        Assert.Equal([0, 10, 610], test.Link.Writes.Select(write => (write.Time - FleetEdge.Start).TotalSeconds));
        Assert.Equal(FleetEdge.Start.AddSeconds(610), (await test.RowAsync()).LastSeen);
    }

    [Theory]
    [InlineData(SandboxKeyState.Invalid, false)]
    [InlineData(SandboxKeyState.Leaked, true)]
    public async Task Row_AKeyIsRejected_IsWrittenAtOnce(SandboxKeyState state, bool isLeaked)
    {
        await using var test = await FleetEdge.StartAsync(azurite);
        test.Edge.Primary.State = state;

        await test.AskAsync();
        await test.WrittenAsync(2);

        var row = await test.RowAsync();
        Assert.Equal(("rejected", isLeaked), (row.Keys[0].State, row.Keys[0].IsLeaked));
        Assert.Equal(("SECONDARY", FleetEdge.Id(test.Edge.Secondary)), (row.ActiveSlot, row.ActiveKey));
        Assert.All(test.Link.Writes, write => Assert.Equal(FleetEdge.Start, write.Time));
    }

    [Fact]
    public async Task Row_ARejectedKeyTurnsOutToBeLeaked_IsWrittenAtOnceAgain()
    {
        await using var test = await FleetEdge.StartAsync(azurite);
        test.Edge.Primary.State = SandboxKeyState.Invalid;
        await test.AskAsync();
        await test.RowAsync(row => row.Keys[0].State == "rejected");
        test.Time.Advance(TimeSpan.FromSeconds(5));
        test.Edge.Primary.State = SandboxKeyState.Leaked;

        // Whatever is remembered of a key, a probe asks; and that it is rejected is no news.
        using var probe = await test.Edge.PostAsync("/api/admin/probe", "");
        Assert.True(probe.IsSuccessStatusCode);
        var row = await test.RowAsync(row => row.Keys[0].IsLeaked);

        Assert.Equal("rejected", row.Keys[0].State);
        Assert.Equal(FleetEdge.Start.AddSeconds(5), test.Time.GetUtcNow());
    }

    [Fact]
    public async Task Row_TheRingChanges_IsWrittenAtOnceWithWhatLeftIt()
    {
        var time = new FakeTimeProvider(FleetEdge.Start);
        var fleet = FleetEdge.Create(azurite, null, time, out var table);
        SandboxKey former = null!;
        await using var test = await VaultEdge.StartAsync(
            edge => (former, _) = (edge.PutNew(KeySlot.Primary), edge.PutNew(KeySlot.Secondary)), settings: fleet.Settings(), time: time, fleet: table);
        fleet.Use(test.Edge);
        await fleet.WrittenAsync(1);
        Assert.Equal(VaultEdge.Id(former), await test.AnsweringKeyAsync());
        await fleet.CountedAsync(1);
        test.Time.Advance(TimeSpan.FromSeconds(5));
        var present = test.PutNew(KeySlot.Primary);

        Assert.True((await test.Edge.Services.GetRequiredService<KeyRefresher>().RefreshAsync(TestContext.Current.CancellationToken)).Changed);
        await Eventually.IsAsync(() => fleet.Link.Writes.Any(write => write.Done && write.Body.Contains(VaultEdge.Id(present), StringComparison.Ordinal)));

        var row = await fleet.RowAsync();
        Assert.Equal(FleetEdge.Start.AddSeconds(5), fleet.Link.Writes[^1].Time);
        Assert.Equal((FleetEdge.Start.AddSeconds(5), FleetEdge.Start.AddSeconds(5)), (row.RingRead, row.RingSwapped));
        Assert.Equal(RingFingerprint.Of([("PRIMARY", VaultEdge.Id(present), Version(test, KeySlot.Primary)), ("SECONDARY", test.Edge.Ring.Keys[1].Id, Version(test, KeySlot.Secondary))]), row.Ring);
        Assert.Equal([("PRIMARY", VaultEdge.Id(present), true), ("SECONDARY", test.Edge.Ring.Keys[1].Id, true), ("PRIMARY", VaultEdge.Id(former), false)],
            row.Keys.Select(key => (key.Slot, key.KeyId, key.IsInRing)));
        Assert.Equal((FleetEdge.Start, 1), (row.Keys[2].LastAttempt, row.Keys[2].Minutes.Sum(minute => minute.Ok)));
        fleet.SeeWrites();
    }

    [Fact]
    public async Task Row_TheRingIsReadAgainUnchanged_SaysWhen()
    {
        var time = new FakeTimeProvider(FleetEdge.Start);
        var fleet = FleetEdge.Create(azurite, null, time, out var table);
        await using var test = await VaultEdge.StartAsync(edge => edge.PutNew(KeySlot.Primary), settings: fleet.Settings(), time: time, fleet: table);
        fleet.Use(test.Edge);
        await fleet.WrittenAsync(1);
        test.MakeStale();

        await test.AnsweringKeyAsync();
        await fleet.CountedAsync(1);
        test.Time.Advance(FleetReporter.Interval);
        await Eventually.IsAsync(() => fleet.Link.Writes[^1].Time == time.GetUtcNow() && fleet.Link.Writes[^1].Done);

        var row = await fleet.RowAsync();
        Assert.Equal((FleetEdge.Start.AddSeconds(46), FleetEdge.Start), (row.RingRead, row.RingSwapped));
    }

    [Fact]
    public async Task Row_RequestsFailed_CountsThemAgainstTheKeys()
    {
        await using var test = await FleetEdge.StartAsync(azurite);
        (test.Edge.Primary.State, test.Edge.Secondary.State) = (SandboxKeyState.Working, SandboxKeyState.Overloaded);
        await test.AskAsync();
        test.Edge.Primary.State = SandboxKeyState.Invalid;
        await test.AskAsync(status: 502);
        await test.CountedAsync(3);
        test.Time.Advance(FleetReporter.Interval);

        var row = await test.RowAsync(row => row.Requests.Sum(minute => minute.Answered + minute.Failed) == 2);

        Assert.Equal([new RequestMinute(Minute(FleetEdge.Start), 1, 1)], row.Requests);
        Assert.Equal([new AttemptMinute(Minute(FleetEdge.Start), 1, 1, 0, 0, 0, 1)], row.Keys[0].Minutes);
        Assert.Equal([new AttemptMinute(Minute(FleetEdge.Start), 0, 0, 0, 1, 0, 0)], row.Keys[1].Minutes);
    }

    [Fact]
    public async Task Rows_OfTwoInstances_StandSideBySide()
    {
        await using var one = await FleetEdge.StartAsync(azurite, instance: "a/b\\c#d?e'f%");
        await using var two = await FleetEdge.StartAsync(azurite, app: one.App, instance: "two");
        await one.WrittenAsync(1);
        await two.WrittenAsync(1);

        Assert.Equal(["a-b-c-d-e-f-", "two"], (await one.RowsAsync()).Select(row => row.Instance));
    }

    [Fact]
    public async Task Table_IsMissing_IsMade()
    {
        await azurite.Client.DeleteTableAsync(FleetRow.Table, TestContext.Current.CancellationToken);

        await using var test = await FleetEdge.StartAsync(azurite);
        await test.WrittenAsync(1);

        Assert.Equal("one", (await test.RowAsync()).Instance);
        Assert.DoesNotContain("fleet_unreachable", test.Edge.Log.Events.Select(LogCapture.Name));
    }

    [Fact]
    public async Task Register_IsNotSet_IsOff()
    {
        await using var edge = await EdgeHost.StartAsync();

        Assert.Null(edge.Services.GetService<FleetReporter>());
        Assert.Null(edge.Services.GetService<FleetCounts>());
    }

    private static string? Version(VaultEdge test, KeySlot slot) => test.Vault.Latest(slot.Secret())!.Version;

    private static long Minute(DateTimeOffset time) => time.ToUnixTimeSeconds() / 60;
}
