using System.Net;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Keys;

/// <summary>What a change in the vault does to the requests that need it: a dead key's successor, a leaked key, OLD.</summary>
public class VaultHealingTests
{
    [Fact]
    public async Task Primary_DiesWithItsSuccessorInTheVault_TheNextRequestFailsOverAndTheOneAfterHasIt()
    {
        var (test, primary, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _ = test;
        var fresh = test.PutNew(KeySlot.Primary);
        primary.State = SandboxKeyState.Expired;

        Assert.Equal((HttpStatusCode.OK, VaultEdge.Id(secondary), "2"), await test.AskAsync());
        await test.RingIsAsync(("PRIMARY", fresh), ("SECONDARY", secondary));
        Assert.Equal((HttpStatusCode.OK, VaultEdge.Id(fresh), "1"), await test.AskAsync());
    }

    [Fact]
    public async Task OnlyKey_DiesWithItsSuccessorInTheVault_TheSameRequestIsAnswered()
    {
        SandboxKey primary = null!;
        await using var test = await VaultEdge.StartAsync(vault => primary = vault.PutNew(KeySlot.Primary));
        var fresh = test.PutNew(KeySlot.Primary);
        primary.State = SandboxKeyState.InvalidAuthKey;

        Assert.Equal((HttpStatusCode.OK, VaultEdge.Id(fresh), "2"), await test.AskAsync());
    }

    [Fact]
    public async Task OnlyKey_DiesAndTheVaultAnswersOnlyOnce_TheSameRequestIsAnswered()
    {
        SandboxKey primary = null!;
        await using var test = await VaultEdge.StartAsync(vault => primary = vault.PutNew(KeySlot.Primary));
        var fresh = test.PutNew(KeySlot.Primary);
        primary.State = SandboxKeyState.Invalid;
        test.Vault.ClearRequests();
        test.Vault.OnRequest = request => request.SecretName == "GEMINI-API-KEY-PRIMARY" && test.Reads() > 1 ? KeyVaultFault.HeldUntil(new TaskCompletionSource().Task) : null;

        Assert.Equal((HttpStatusCode.OK, VaultEdge.Id(fresh), "2"), await test.AskAsync());
    }

    [Fact]
    public async Task OnlyKey_DiesSoonAfterTheVaultFailed_TheSameRequestIsAnswered()
    {
        SandboxKey primary = null!;
        await using var test = await VaultEdge.StartAsync(vault => primary = vault.PutNew(KeySlot.Primary));
        test.Vault.Fault = KeyVaultFault.Throttled429;
        test.MakeStale();
        await test.AnsweringKeyAsync();
        await test.Edge.Log.WaitForAsync("vault_unreachable");
        test.Vault.Fault = KeyVaultFault.None;
        var fresh = test.PutNew(KeySlot.Primary);
        primary.State = SandboxKeyState.Invalid;

        Assert.Equal((HttpStatusCode.OK, VaultEdge.Id(fresh), "2"), await test.AskAsync());
    }

    [Fact]
    public async Task News_SecondLookFails_TheFirstCounts()
    {
        var (test, _, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _1 = test;
        var fresh = test.PutNew(KeySlot.Primary);
        test.Vault.OnRequest = request => request.SecretName == "GEMINI-API-KEY-7" ? KeyVaultFault.Throttled429 : null;
        test.MakeStale();

        Assert.Equal(VaultEdge.Id(fresh), await test.AnsweringKeyAsync());
        await test.RingIsAsync(("PRIMARY", fresh), ("SECONDARY", secondary));
    }

    [Fact]
    public async Task AllKeys_AreRememberedAsDeadAndTheVaultHasNewOnes_ARequestIsAnsweredWithoutTryingThem()
    {
        var (test, primary, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _ = test;
        primary.State = secondary.State = SandboxKeyState.Invalid;
        Assert.Equal(HttpStatusCode.BadGateway, (await test.AskAsync()).Status);
        test.Time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(HttpStatusCode.BadGateway, (await test.AskAsync()).Status);
        var fresh = test.PutNew(KeySlot.Primary);
        test.Time.Advance(KeyRefresher.RereadInterval);

        var (status, keyId, _) = await test.AskAsync();

        Assert.Equal((HttpStatusCode.OK, VaultEdge.Id(fresh)), (status, keyId));
    }

    [Fact]
    public async Task KeyInvalid_AgainAndAgain_RereadsEverySlotAtMostEveryFiveSeconds()
    {
        var (test, primary, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _ = test;
        primary.State = secondary.State = SandboxKeyState.Invalid;
        test.Vault.ClearRequests();

        for (var second = 0; second < 10; second++)
        {
            await test.AskAsync();
            test.Time.Advance(TimeSpan.FromSeconds(0.99));
        }

        Assert.Equal((2, 2), (test.Reads(), test.Reads("GEMINI-API-KEY-9")));
    }

    [Fact]
    public async Task Exhausted_RereadHangs_WaitsTwoSecondsThenSaysWhatFailed()
    {
        SandboxKey primary = null!;
        var time = new TimersTime();
        await using var test = await VaultEdge.StartAsync(vault => primary = vault.PutNew(KeySlot.Primary), time: time);
        primary.State = SandboxKeyState.Invalid;
        test.Vault.ClearRequests();
        test.Vault.Fault = KeyVaultFault.HeldUntil(new TaskCompletionSource().Task);
        time.Forget();

        var asked = test.AskAsync();
        await time.WaitAsync(TimeSpan.FromSeconds(2));
        test.Time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(asked.IsCompleted);
        test.Time.Advance(TimeSpan.FromSeconds(0.2));

        Assert.Equal((HttpStatusCode.BadGateway, VaultEdge.Id(primary), "1"), await asked);
    }

    [Fact]
    public async Task Exhausted_OtherFailuresThanARefusedKey_AsksTheVaultForNothing()
    {
        var (test, primary, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _ = test;
        (primary.State, secondary.State) = (SandboxKeyState.QuotaMinute, SandboxKeyState.Overloaded);
        test.Vault.ClearRequests();

        Assert.Equal(HttpStatusCode.BadGateway, (await test.AskAsync()).Status);

        Assert.Equal(0, test.Reads());
    }

    [Fact]
    public async Task Key_MovesToAnotherSlot_WhatIsKnownOfItMovesWithIt()
    {
        var (test, primary, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _ = test;
        primary.State = SandboxKeyState.Blocked;
        await test.AskAsync();
        test.Vault.Set("GEMINI-API-KEY-PRIMARY", secondary.Value);
        test.Vault.Set("GEMINI-API-KEY-SECONDARY", primary.Value);
        test.MakeStale();

        await test.AskAsync();

        Assert.Equal(("PRIMARY", KeyState.Healthy, "SECONDARY", KeyState.Rejected),
            (test.Edge.Ring.Keys[0].Slot.Name(), test.Edge.Ring.Keys[0].Health.State, test.Edge.Ring.Keys[1].Slot.Name(), test.Edge.Ring.Keys[1].Health.State));
    }

    [Fact]
    public async Task Rotation_HappensWhileItIsRead_TheRingIsNeverATornOne()
    {
        var (test, primary, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _ = test;
        var moved = false;
        test.Vault.OnRequest = request =>
        {
            // OLD was read as empty; then PRIMARY becomes SECONDARY's key and goes to OLD, before PRIMARY is read.
            if (request.SecretName == "GEMINI-API-KEY-PRIMARY" && !moved)
            {
                moved = true;
                Eventually.IsAsync(() => test.Reads("GEMINI-API-KEY-OLD") == 1).GetAwaiter().GetResult();
                test.Vault.Set("GEMINI-API-KEY-OLD", primary.Value);
                test.Vault.Set("GEMINI-API-KEY-PRIMARY", secondary.Value);
            }

            return null;
        };
        test.Vault.ClearRequests();
        test.MakeStale();

        await test.AskAsync();

        await test.RingIsAsync(("PRIMARY", secondary), ("OLD", primary));
        Assert.DoesNotContain(test.Edge.Log.Events, line => LogCapture.Name(line) == "ring_changed" && line["count"]!.GetValue<int>() == 1);
    }

    [Fact]
    public async Task Stream_IsUnderWayWhenTheRingChanges_EndsWhole()
    {
        var (test, primary, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _ = test;
        var swapped = new TaskCompletionSource();
        test.Gemini.Options.ChunkDelay = TimeSpan.FromMilliseconds(1);
        using var response = await test.Edge.GenerateAsync(string.Join(' ', Enumerable.Repeat("word", 2000)), stream: true);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var first = await reader.ReadLineAsync();
        test.PutNew(KeySlot.Primary);
        Empty(test.Vault, "GEMINI-API-KEY-SECONDARY");
        test.MakeStale();

        Assert.NotEqual(VaultEdge.Id(primary), await test.AnsweringKeyAsync());
        var rest = await reader.ReadToEndAsync();

        Assert.StartsWith("data: ", first, StringComparison.Ordinal);
        Assert.Contains("event: done", rest, StringComparison.Ordinal);
        Assert.Equal(VaultEdge.Id(primary), response.Headers.GetValues("x-gemini-edge-key-id").Single());
        Assert.NotNull(secondary);
    }

    [Fact]
    public async Task Leaked_OneKeyOfTwo_LeavesTheRing()
    {
        var (test, primary, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _ = test;
        Leak(test, primary);
        test.MakeStale();

        Assert.Equal(VaultEdge.Id(secondary), await test.AnsweringKeyAsync());

        await test.RingIsAsync(("SECONDARY", secondary));
        await test.Edge.Log.WaitForAsync("configuration_warning", line => line["message"]!.GetValue<string>().Contains("GEMINI-API-KEY-LEAKED names", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Leaked_TheOnlyKey_IsUsedNoMoreAndANewOneIsTakenAtOnce()
    {
        SandboxKey primary = null!;
        await using var test = await VaultEdge.StartAsync(vault => primary = vault.PutNew(KeySlot.Primary));
        Leak(test, primary);
        using (await test.Edge.PostAsync("/api/admin/refresh", ""))
        {
            Assert.Empty(test.Edge.Ring.Keys);
        }

        var before = primary.RequestCount;
        var fresh = test.PutNew(KeySlot.Primary);
        test.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(VaultEdge.Id(fresh), await test.AnsweringKeyAsync());
        Assert.Equal(before, primary.RequestCount);
    }

    [Fact]
    public async Task Leaked_KeyOfTheSettings_EntersNoRingOnceTheListWasRead()
    {
        var (test, leaked, other) = await StartWithLeakedInSettingsAsync(KeyVaultFault.None);
        await using var _ = test;

        Assert.Equal(VaultEdge.Id(other), await test.AnsweringKeyAsync());
        await test.RingIsAsync(("SECONDARY", other));
        Assert.Equal(0, leaked.RequestCount);
    }

    /// <summary>The one known limit: such an edge knows of no list. Refreshing the app's Key Vault references closes it.</summary>
    [Fact]
    public async Task Leaked_KeyOfTheSettings_RestartDuringAVaultOutage_IsUsedUntilTheVaultAnswers()
    {
        var (test, leaked, other) = await StartWithLeakedInSettingsAsync(
            KeyVaultFault.Unavailable503, (vault, key) => vault.Vault.Set(KeySlot.Primary.Secret(), key.Value));
        await using var _ = test;
        Assert.Equal(VaultEdge.Id(leaked), await test.AnsweringKeyAsync());

        test.Vault.Fault = KeyVaultFault.None;
        test.MakeStale();
        await test.AskAsync();
        await test.RingIsAsync(("PRIMARY", other));
        var before = leaked.RequestCount;

        Assert.Equal(VaultEdge.Id(other), await test.AnsweringKeyAsync());
        Assert.Equal(before, leaked.RequestCount);
    }

    [Fact]
    public async Task Leaked_SlotsCanNotBeRead_TheKeyLeavesTheRingAllTheSame()
    {
        var (test, primary, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _ = test;
        Leak(test, primary);
        test.Vault.OnRequest = request => request.SecretName != LeakedKeys.Secret ? KeyVaultFault.Unavailable503 : null;
        test.MakeStale();

        Assert.Equal(VaultEdge.Id(secondary), await test.AnsweringKeyAsync());
    }

    [Theory]
    [InlineData("AIzaSy-the-leaked-key-itself")]
    [InlineData("18:99:f1:6e:cb:56")]
    public async Task Leaked_ListCanNotBeRead_WhatItHeldStaysOutAndASentenceSaysSo(string text)
    {
        var (test, primary, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _ = test;
        Leak(test, primary);
        test.MakeStale();
        await test.AskAsync();
        test.Vault.Set(LeakedKeys.Secret, text);
        test.MakeStale();

        Assert.Equal(VaultEdge.Id(secondary), await test.AnsweringKeyAsync());
        var line = await test.Edge.Log.WaitForAsync("configuration_warning", line => line["message"]!.GetValue<string>().Contains("holds no SHA-256", StringComparison.Ordinal));
        Assert.DoesNotContain(text, line["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leaked_ListIsDisabled_WhatItHeldStaysOut()
    {
        var (test, primary, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _ = test;
        Leak(test, primary);
        test.MakeStale();
        await test.AskAsync();
        test.Vault.SetEnabled(LeakedKeys.Secret, false);
        test.MakeStale();

        Assert.Equal(VaultEdge.Id(secondary), await test.AnsweringKeyAsync());
    }

    [Fact]
    public async Task Old_HasExpired_AnswersOnlyWhenEveryOtherKeyFailedAndRaisesTheAlarmOnceAMinute()
    {
        SandboxKey primary = null!, old = null!;
        await using var test = await VaultEdge.StartAsync(vault =>
        {
            (primary, old) = (vault.PutNew(KeySlot.Primary), vault.PutNew(KeySlot.Old, vault.Time.GetUtcNow() + TimeSpan.FromMinutes(10)));
        });
        primary.State = SandboxKeyState.Overloaded;
        Assert.Equal((HttpStatusCode.OK, VaultEdge.Id(old), "2"), await test.AskAsync());
        Assert.DoesNotContain(test.Edge.Log.Events, line => LogCapture.Name(line) == "expired_key_used");

        test.Time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal((HttpStatusCode.OK, VaultEdge.Id(old), "2"), await test.AskAsync());
        Assert.Equal((HttpStatusCode.OK, VaultEdge.Id(old), "2"), await test.AskAsync());
        Assert.Single(await test.Edge.Log.WaitForAsync("expired_key_used", 1));
        test.Time.Advance(TimeSpan.FromSeconds(61));
        await test.AskAsync();

        var alarms = await test.Edge.Log.WaitForAsync("expired_key_used", 2);
        Assert.Equal(("OLD", VaultEdge.Id(old), "error"), (alarms[0]["slot"]!.GetValue<string>(), alarms[0]["key_id"]!.GetValue<string>(), alarms[0]["level"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Old_HasExpiredAndOwnsTheResource_WaitsForItsTurnAllTheSame()
    {
        SandboxKey primary = null!, old = null!;
        await using var test = await VaultEdge.StartAsync(vault =>
        {
            (primary, old) = (vault.PutNew(KeySlot.Primary), vault.PutNew(KeySlot.Old, vault.Time.GetUtcNow() + TimeSpan.FromMinutes(10)));
        });
        primary.State = SandboxKeyState.Blocked;
        using var made = await test.Edge.PostAsync("/v1beta/cachedContents", """{"model":"models/gemini-flash-latest","contents":[{"parts":[{"text":"a long text"}]}],"ttl":"3600s"}""");
        var name = (await EdgeHost.JsonAsync(made))["name"]!.GetValue<string>();
        primary.State = SandboxKeyState.Working;
        test.Time.Advance(TimeSpan.FromMinutes(2));

        using var before = await test.Edge.GetAsync($"/v1beta/{name}");
        test.Time.Advance(TimeSpan.FromMinutes(9));
        using var after = await test.Edge.GetAsync($"/v1beta/{name}");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (before.StatusCode, after.StatusCode));
        Assert.Equal(("1", "2"), (before.Headers.GetValues("x-gemini-edge-attempts").Single(), after.Headers.GetValues("x-gemini-edge-attempts").Single()));
    }

    private static void Empty(KeyVaultSandbox vault, string secret) => vault.Set(secret, SecretValue.Empty);

    /// <summary>The leaked key is the settings' PRIMARY, and another one their SECONDARY; the vault lists the leaked one.</summary>
    private static async Task<(VaultEdge Test, SandboxKey Leaked, SandboxKey Other)> StartWithLeakedInSettingsAsync(
        KeyVaultFault fault, Action<VaultEdge, SandboxKey>? prepare = null)
    {
        SandboxKey leaked = null!, other = null!;
        var settings = new Dictionary<string, string?>();
        var test = await VaultEdge.StartAsync(
            vault =>
            {
                (leaked, other) = (vault.NewKey(), vault.NewKey());
                (settings["GEMINI_API_KEY_PRIMARY"], settings["GEMINI_API_KEY_SECONDARY"]) = (leaked.Value, other.Value);
                Leak(vault, leaked);
                prepare?.Invoke(vault, other);
                vault.Vault.Fault = fault;
            },
            settings: settings,
            awaitsRing: fault == KeyVaultFault.None);
        return (test, leaked, other);
    }

    private static void Leak(VaultEdge test, SandboxKey key) => test.Vault.Set(LeakedKeys.Secret, LeakedKeys.None.With(ApiKey.Create(key.Value).Key!));
}
