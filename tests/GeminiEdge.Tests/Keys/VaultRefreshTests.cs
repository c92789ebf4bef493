using System.Net;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Keys;

/// <summary>When the vault is read, and who waits for it.</summary>
public class VaultRefreshTests
{
    [Fact]
    public async Task Start_KeysInTheVault_AnswersAndLogsTheSecretsVersion()
    {
        var (test, primary, _) = await VaultEdge.StartWithTwoAsync();
        await using var _1 = test;

        Assert.Equal(VaultEdge.Id(primary), await test.AnsweringKeyAsync());

        var attempt = await test.Edge.Log.WaitForAsync("gemini_ok");
        Assert.Equal(test.Vault.Latest("GEMINI-API-KEY-PRIMARY")!.Version, attempt["key_version"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(0.0, 23.9, false)]
    [InlineData(0.0, 24.1, true)]
    [InlineData(0.5, 29.9, false)]
    [InlineData(0.5, 30.1, true)]
    [InlineData(1.0, 35.9, false)]
    [InlineData(1.0, 36.1, true)]
    public async Task Request_RingHasThisAge_ReadsTheVaultOnceTheJitteredIntervalIsOver(double jitter, double age, bool reads)
    {
        var (test, primary, secondary) = await VaultEdge.StartWithTwoAsync(jitter);
        await using var _ = test;
        var fresh = test.PutNew(KeySlot.Primary);
        test.Vault.ClearRequests();
        test.Time.Advance(TimeSpan.FromSeconds(age));

        // Whether it begins a read or not, this request takes the ring that is there.
        Assert.Equal(VaultEdge.Id(primary), await test.AnsweringKeyAsync());

        if (reads)
        {
            await test.RingIsAsync(("PRIMARY", fresh), ("SECONDARY", secondary));
            Assert.Equal(VaultEdge.Id(fresh), await test.AnsweringKeyAsync());
        }
        else
        {
            Assert.Equal(0, test.Reads());
        }
    }

    [Fact]
    public async Task Request_RingIsOlderThanOneAndAHalfIntervals_WaitsForTheNewOne()
    {
        var (test, _, _) = await VaultEdge.StartWithTwoAsync();
        await using var _1 = test;
        var fresh = test.PutNew(KeySlot.Primary);
        test.MakeStale();

        Assert.Equal(VaultEdge.Id(fresh), await test.AnsweringKeyAsync());
    }

    [Fact]
    public async Task Request_VaultIsSlow_WaitsTwoSecondsAndNobodyWaitsAfterIt()
    {
        var time = new TimersTime();
        var (test, primary, _) = await VaultEdge.StartWithTwoAsync(time: time);
        await using var _1 = test;
        var released = new TaskCompletionSource();
        test.Vault.Fault = KeyVaultFault.HeldUntil(released.Task);
        test.Vault.ClearRequests();
        test.MakeStale();

        time.Forget();
        var waiting = test.AnsweringKeyAsync();
        await Eventually.IsAsync(() => test.Reads() == 1);
        await time.WaitAsync(KeyRefresher.LongestWait);
        test.Time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(waiting.IsCompleted);
        test.Time.Advance(TimeSpan.FromSeconds(0.2));

        Assert.Equal(VaultEdge.Id(primary), await waiting);
        Assert.Equal(VaultEdge.Id(primary), await test.AnsweringKeyAsync());
        Assert.Equal(1, test.Reads());
        released.SetResult();
    }

    [Fact]
    public async Task Requests_ManyAtOnceWhileARefreshIsDue_ShareOneRead()
    {
        var (test, _, _) = await VaultEdge.StartWithTwoAsync();
        await using var _1 = test;
        var released = new TaskCompletionSource();
        test.Vault.Fault = KeyVaultFault.HeldUntil(released.Task);
        test.Vault.ClearRequests();
        test.MakeStale();

        var waiting = Enumerable.Range(0, 20).Select(_ => test.AnsweringKeyAsync()).ToList();
        await Eventually.IsAsync(() => test.Reads() == 1);
        released.SetResult();
        await Task.WhenAll(waiting);

        Assert.Equal(1, test.Reads());
    }

    [Fact]
    public async Task Request_AfterAFailedRefresh_WaitsForNoneForThirtySeconds()
    {
        var (test, primary, _) = await VaultEdge.StartWithTwoAsync();
        await using var _1 = test;
        test.Vault.Fault = KeyVaultFault.Unavailable503;
        test.MakeStale();
        Assert.Equal(VaultEdge.Id(primary), await test.AnsweringKeyAsync());
        await test.Edge.Log.WaitForAsync("vault_unreachable");
        var released = new TaskCompletionSource();
        test.Vault.Fault = KeyVaultFault.HeldUntil(released.Task);

        test.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(VaultEdge.Id(primary), await test.AnsweringKeyAsync());
        test.Time.Advance(TimeSpan.FromSeconds(2));
        var waiting = test.AnsweringKeyAsync();
        await Eventually.IsAsync(() => test.Vault.Requests[^1].Status == 0);
        Assert.False(waiting.IsCompleted);

        released.SetResult();
        Assert.Equal(VaultEdge.Id(primary), await waiting);
    }

    [Fact]
    public async Task RareSlot_AppearsWhileNothingElseChanges_IsReadAtTheTenthRefresh()
    {
        var (test, primary, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _ = test;
        var third = test.PutNew(KeySlot.Slot3);
        test.Vault.ClearRequests();

        for (var refresh = 1; refresh <= 10; refresh++)
        {
            Assert.Equal(0, test.Reads("GEMINI-API-KEY-3"));
            test.MakeStale();
            await test.AnsweringKeyAsync();
        }

        await test.RingIsAsync(("PRIMARY", primary), ("SECONDARY", secondary), ("3", third));
        test.Vault.ClearRequests();
        test.MakeStale();
        await test.AnsweringKeyAsync();
        Assert.Equal((1, 0), (test.Reads("GEMINI-API-KEY-3"), test.Reads("GEMINI-API-KEY-4")));
    }

    [Fact]
    public async Task RareSlot_AppearsTogetherWithAnotherChange_IsReadAtOnce()
    {
        var (test, _, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _ = test;
        var (third, fresh) = (test.PutNew(KeySlot.Slot9), test.PutNew(KeySlot.Primary));
        test.MakeStale();

        await test.AnsweringKeyAsync();

        Assert.Equal($"PRIMARY={VaultEdge.Id(fresh)} SECONDARY={VaultEdge.Id(secondary)} 9={VaultEdge.Id(third)}", test.Ring);
    }

    [Fact]
    public async Task Refresh_ByAnOperator_ReadsEverySlotNow()
    {
        var (test, primary, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _ = test;
        var third = test.PutNew(KeySlot.Slot3);

        using var response = await test.Edge.PostAsync("/api/admin/refresh", "");

        var body = await EdgeHost.JsonAsync(response);
        Assert.True(body["changed"]!.GetValue<bool>());
        Assert.Equal([VaultEdge.Id(primary), VaultEdge.Id(secondary), VaultEdge.Id(third)], body["keys"]!.AsArray().Select(key => key!["key_id"]!.GetValue<string>()));
        Assert.Equal(test.Vault.Latest("GEMINI-API-KEY-3")!.Version, body["keys"]![2]!["version"]!.GetValue<string>());
    }

    [Fact]
    public async Task Refresh_ByAnOperatorWhileAReadIsUnderWay_ReadsAgain()
    {
        var (test, _, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _1 = test;
        var released = new TaskCompletionSource();
        var held = true;
        test.Vault.OnRequest = request => held && request.SecretName == "GEMINI-API-KEY-OLD" ? KeyVaultFault.HeldUntil(released.Task) : null;
        test.Time.Advance(VaultEdge.Interval + TimeSpan.FromSeconds(1));
        await test.AnsweringKeyAsync();
        await Eventually.IsAsync(() => test.Vault.Requests is [.., _, _, _] && test.Vault.Requests.Count(request => request.Status == 0) == 1);

        // The read under way has PRIMARY's former value already.
        var fresh = test.PutNew(KeySlot.Primary);
        var refresh = test.Edge.PostAsync("/api/admin/refresh", "");
        held = false;
        released.SetResult();

        Assert.True((await EdgeHost.JsonAsync(await refresh))["changed"]!.GetValue<bool>());
        await test.RingIsAsync(("PRIMARY", fresh), ("SECONDARY", secondary));
    }

    [Fact]
    public async Task Refresh_ByAnOperatorWhileTheVaultIsDown_SaysSo()
    {
        var (test, primary, _) = await VaultEdge.StartWithTwoAsync();
        await using var _1 = test;
        test.Vault.Fault = KeyVaultFault.Forbidden403;

        using var response = await test.Edge.PostAsync("/api/admin/refresh", "");

        var problem = await EdgeErrors.AssertProblemAsync(response, 503, "vault_unreachable");
        Assert.Contains("Key Vault Secrets User", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(VaultEdge.Id(primary), await test.AnsweringKeyAsync());
    }

    [Fact]
    public async Task Clock_JumpsByADay_NothingIsReadAndNothingLost()
    {
        var time = new JumpyTime();
        GeminiEdge.Sandbox.Gemini.SandboxKey primary = null!;
        await using var test = await VaultEdge.StartAsync(vault => primary = vault.PutNew(KeySlot.Primary), time: time);
        test.Vault.ClearRequests();

        foreach (var jump in new[] { TimeSpan.FromDays(1), TimeSpan.FromDays(-1) })
        {
            time.Jump = jump;
            Assert.Equal((HttpStatusCode.OK, VaultEdge.Id(primary), "1"), await test.AskAsync());
        }

        Assert.Equal(0, test.Reads());
    }
}
