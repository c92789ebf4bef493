using System.Net;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.KeyVault;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Keys;

/// <summary>A vault that fails, or holds what it should not: the ring that was there stays, and a sentence says what to do.</summary>
public class VaultFaultTests
{
    public static TheoryData<string, string, string> Faults => new()
    {
        { "forbidden", "denied", "Key Vault Secrets User" },
        { "throttled", "throttled", "GeminiEdge__RefreshInterval" },
        { "unavailable", "failing", "503" },
        { "outage", "unreachable", "GEMINI_KEYVAULT_URI" },
        { "slow", "timeout", "10 s" },
        { "revoked", "denied", "Key Vault Secrets User" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Vault_FailsLater_KeepsTheRingSaysSoOnceAndRecovers(string kind, string reason, string sentence)
    {
        var (test, primary, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _ = test;
        var fresh = test.PutNew(KeySlot.Primary);
        Break(test, kind);

        // A read that hangs is given up by the clock; what comes after it is the same as for the others.
        for (var refresh = 0; refresh < (kind == "slow" ? 1 : 3); refresh++)
        {
            test.MakeStale();
            var reads = test.Reads();
            var answer = test.AnsweringKeyAsync();
            if (kind == "slow")
            {
                await Eventually.IsAsync(() => test.Reads() == reads + 1);
                test.Time.Advance(KeyRefresher.LongestWait);
                Assert.Equal(VaultEdge.Id(primary), await answer);
                test.Time.Advance(VaultKeySource.Patience);
            }

            Assert.Equal(VaultEdge.Id(primary), await answer);
            await test.Edge.Log.WaitForAsync("vault_unreachable");
        }

        var said = Assert.Single(test.Edge.Log.Events, line => LogCapture.Name(line) == "vault_unreachable");
        Assert.Equal(reason, said["reason"]!.GetValue<string>());
        Assert.Contains(sentence, said["message"]!.GetValue<string>(), StringComparison.Ordinal);

        test.Vault.Fault = KeyVaultFault.None;
        test.Vault.SetRole("edge", KeyVaultRole.SecretsUser);
        test.MakeStale();
        await test.AskAsync();
        await test.RingIsAsync(("PRIMARY", fresh), ("SECONDARY", secondary));
        await test.Edge.Log.WaitForAsync("vault_reachable");
    }

    [Fact]
    public async Task Vault_FailsForOneSlotOnly_KeepsTheWholeLastRing()
    {
        var (test, primary, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _ = test;
        test.PutNew(KeySlot.Primary);
        test.Vault.OnRequest = request => request.SecretName == "GEMINI-API-KEY-SECONDARY" ? KeyVaultFault.Unavailable503 : null;
        test.MakeStale();

        Assert.Equal(VaultEdge.Id(primary), await test.AnsweringKeyAsync());
        await test.RingIsAsync(("PRIMARY", primary), ("SECONDARY", secondary));
        await test.Edge.Log.WaitForAsync("vault_unreachable");
    }

    [Fact]
    public async Task Start_VaultFailsForOneSlot_ServesWhatItCouldReadAndTheRestLater()
    {
        SandboxKey primary = null!, secondary = null!;
        await using var test = await VaultEdge.StartAsync(vault =>
        {
            (primary, secondary) = (vault.PutNew(KeySlot.Primary), vault.PutNew(KeySlot.Secondary));
            vault.Vault.OnRequest = request => request.SecretName == "GEMINI-API-KEY-PRIMARY" ? KeyVaultFault.Unavailable503 : null;
        });

        Assert.Equal(VaultEdge.Id(secondary), await test.AnsweringKeyAsync());

        test.Vault.OnRequest = null;
        test.MakeStale();
        Assert.Equal(VaultEdge.Id(primary), await test.AnsweringKeyAsync());
    }

    [Fact]
    public async Task Start_VaultIsDownAndTheSettingsHoldKeys_ServesThoseUntilItIsBack()
    {
        SandboxKey fromSettings = null!, primary = null!;
        var settings = new Dictionary<string, string?>();
        await using var test = await VaultEdge.StartAsync(
            vault =>
            {
                fromSettings = vault.NewKey();
                settings["GEMINI_API_KEY_PRIMARY"] = fromSettings.Value;
                primary = vault.PutNew(KeySlot.Primary);
                vault.Vault.Fault = KeyVaultFault.Outage;
            },
            settings: settings);

        Assert.Equal(VaultEdge.Id(fromSettings), await test.AnsweringKeyAsync());

        test.Vault.Fault = KeyVaultFault.None;
        test.MakeStale();
        Assert.Equal(VaultEdge.Id(primary), await test.AnsweringKeyAsync());
        await test.RingIsAsync(("PRIMARY", primary));
    }

    [Fact]
    public async Task Start_VaultIsDownAndThereAreNoKeys_AnswersAfterTenSecondsAndRecoversByItself()
    {
        SandboxKey primary = null!;
        var time = new TimersTime();
        await using var test = await VaultEdge.StartAsync(
            vault =>
            {
                primary = vault.PutNew(KeySlot.Primary);
                vault.Vault.Fault = KeyVaultFault.Unavailable503;
            },
            awaitsRing: false,
            time: time);

        var asked = test.Edge.GenerateAsync();
        await PassSecondsUntilAsync(time, asked);
        using var response = await asked;
        var problem = await EdgeErrors.AssertProblemAsync(response, 503, "no_keys_configured");
        Assert.Contains("vault_unreachable", problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("1", response.Headers.GetValues("Retry-After").Single());
        Assert.InRange(test.Reads(), 8, 12);

        var next = test.AskAsync();
        test.Vault.Fault = KeyVaultFault.None;
        await PassSecondsUntilAsync(time, next);
        Assert.Equal((HttpStatusCode.OK, VaultEdge.Id(primary), "1"), await next);
    }

    [Fact]
    public async Task Health_WhileThereAreNoKeys_BringsTheRingBackWithoutAnyRequest()
    {
        await using var test = await VaultEdge.StartAsync(
            vault =>
            {
                vault.PutNew(KeySlot.Primary);
                vault.Vault.Fault = KeyVaultFault.Unavailable503;
            },
            awaitsRing: false);
        await test.Edge.Log.WaitForAsync("vault_unreachable");
        test.Vault.Fault = KeyVaultFault.None;
        test.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await test.Edge.GetAsync("/api/health")).StatusCode);

        await test.Edge.Log.WaitForAsync("ring_changed");
        Assert.Equal(HttpStatusCode.OK, (await test.Edge.GetAsync("/api/health")).StatusCode);
    }

    [Theory]
    [InlineData("", "is blank")]
    [InlineData(" \n ", "is blank")]
    [InlineData("AIzaSy-first-line-of-two\nAIzaSy-second-line-of-two", "on one line")]
    [InlineData("too-short", "shorter than 16")]
    [InlineData("@Microsoft.KeyVault(SecretUri=https://x.vault.azure.net/secrets/y)", "unresolved Key Vault reference")]
    public async Task Slot_GetsAValueThatCanNotBeAKey_KeepsItsKeyAndNamesTheSecret(string value, string reason)
    {
        var (test, primary, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _ = test;
        test.Vault.Set("GEMINI-API-KEY-PRIMARY", value);
        for (var refresh = 0; refresh < 3; refresh++)
        {
            test.MakeStale();
            Assert.Equal(VaultEdge.Id(primary), await test.AnsweringKeyAsync());
        }

        await test.RingIsAsync(("PRIMARY", primary), ("SECONDARY", secondary));
        await test.Edge.Log.WaitForAsync("configuration_warning");
        var message = Assert.Single(test.Edge.Log.Events, line => LogCapture.Name(line) == "configuration_warning")["message"]!.GetValue<string>();
        Assert.StartsWith("The secret GEMINI-API-KEY-PRIMARY ", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.DoesNotContain("first-line", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slot_ValueIsPadded_IsTrimmed()
    {
        SandboxKey primary = null!;
        await using var test = await VaultEdge.StartAsync(vault =>
        {
            primary = vault.NewKey();
            vault.Vault.Set("GEMINI-API-KEY-PRIMARY", $"  {primary.Value}\r\n");
        });

        Assert.Equal(VaultEdge.Id(primary), await test.AnsweringKeyAsync());
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None\n")]
    [InlineData("disabled")]
    [InlineData("deleted")]
    public async Task Slot_IsEmptied_LeavesTheRing(string how)
    {
        var (test, _, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _1 = test;
        Empty(test, "GEMINI-API-KEY-PRIMARY", how);
        test.MakeStale();

        Assert.Equal(VaultEdge.Id(secondary), await test.AnsweringKeyAsync());
        await test.RingIsAsync(("SECONDARY", secondary));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("disabled")]
    [InlineData("deleted")]
    public async Task Slots_AllAreEmptied_TheLastRingStaysAndASentenceSaysSo(string how)
    {
        var (test, primary, secondary) = await VaultEdge.StartWithTwoAsync();
        await using var _ = test;
        Empty(test, "GEMINI-API-KEY-PRIMARY", how);
        Empty(test, "GEMINI-API-KEY-SECONDARY", how);
        test.MakeStale();

        Assert.Equal(VaultEdge.Id(primary), await test.AnsweringKeyAsync());
        await test.RingIsAsync(("PRIMARY", primary), ("SECONDARY", secondary));
        await test.Edge.Log.WaitForAsync("configuration_warning", line => line["message"]!.GetValue<string>().Contains("no usable key any more", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Slots_TwoHoldTheSameValue_TheKeyIsTriedOnce()
    {
        SandboxKey primary = null!;
        await using var test = await VaultEdge.StartAsync(vault =>
        {
            primary = vault.PutNew(KeySlot.Primary);
            vault.Vault.Set("GEMINI-API-KEY-SECONDARY", primary.Value);
        });
        primary.State = SandboxKeyState.Overloaded;

        Assert.Equal((HttpStatusCode.BadGateway, VaultEdge.Id(primary), "1"), await test.AskAsync());
        await test.RingIsAsync(("PRIMARY", primary));
    }

    [Fact]
    public async Task Slot_OtherThanOldHasExpired_OnlyWarns()
    {
        SandboxKey primary = null!;
        await using var test = await VaultEdge.StartAsync(vault => primary = vault.PutNew(KeySlot.Primary, vault.Vault.Latest("x")?.CreatedOn ?? new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero)));

        Assert.Equal(VaultEdge.Id(primary), await test.AnsweringKeyAsync());
        await test.Edge.Log.WaitForAsync("configuration_warning", line => line["message"]!.GetValue<string>().Contains("expired on 2020-01-01", StringComparison.Ordinal));
    }

    private static void Break(VaultEdge test, string kind)
    {
        test.Vault.Fault = kind switch
        {
            "forbidden" => KeyVaultFault.Forbidden403,
            "throttled" => KeyVaultFault.Throttled429,
            "unavailable" => KeyVaultFault.Unavailable503,
            "outage" => KeyVaultFault.Outage,
            "slow" => KeyVaultFault.HeldUntil(new TaskCompletionSource().Task),
            _ => KeyVaultFault.None,
        };
        if (kind == "revoked")
        {
            test.Vault.SetRole("edge", KeyVaultRole.None);
        }
    }

    private static void Empty(VaultEdge test, string secret, string how)
    {
        switch (how)
        {
            case "none" or "None\n":
                test.Vault.Set(secret, how);
                break;
            case "disabled":
                test.Vault.SetEnabled(secret, false);
                break;
            default:
                test.Vault.Delete(secret);
                break;
        }
    }

    /// <summary>Lets a second pass whenever the edge waits one for the next read, until the end.</summary>
    private static async Task PassSecondsUntilAsync(TimersTime time, Task end)
    {
        var second = TimeSpan.FromSeconds(1);
        while (!end.IsCompleted)
        {
            await Eventually.IsAsync(() => end.IsCompleted || time.HasBegun(second));
            time.Forget();
            time.Advance(second);
        }
    }
}
