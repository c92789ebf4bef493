using GeminiEdge.Failover.Keys;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Keys;

/// <summary>Two slots with one key look like a standby and are none: one warning says so.</summary>
public class SameKeysTests
{
    private static readonly ApiKey A = ApiKey.Create("the-first-key-of-a-ring-aaaa").Key!;
    private static readonly ApiKey B = ApiKey.Create("the-other-key-of-a-ring-bbbb").Key!;

    [Fact]
    public void Slots_AllOfOneKey_HaveNoStandby() => Assert.Equal(
        "PRIMARY and SECONDARY and 3 hold the same key (key_id aaaa): there is no standby, and when this key fails every request does. Store another key in SECONDARY and 3.",
        Warning((KeySlot.Slot3, A), (KeySlot.Secondary, A), (KeySlot.Primary, A)));

    [Fact]
    public void Slots_SomeOfOneKey_AreAKeyFewer() => Assert.Equal(
        "PRIMARY and 3 hold the same key (key_id aaaa); SECONDARY and 4 hold the same key (key_id bbbb): a key fewer to fail over to than it looks. Store another key in 3 and 4.",
        Warning((KeySlot.Primary, A), (KeySlot.Secondary, B), (KeySlot.Slot3, A), (KeySlot.Slot4, B)));

    [Fact]
    public void Slots_OneBesideThem_IsNotNamed() => Assert.Equal(
        "PRIMARY and 3 hold the same key (key_id aaaa): a key fewer to fail over to than it looks. Store another key in 3.",
        Warning((KeySlot.Primary, A), (KeySlot.Secondary, B), (KeySlot.Slot3, A)));

    [Fact]
    public void Slots_EachOfItsOwnKey_AreNoWarning() => Assert.Null(Warning((KeySlot.Primary, A), (KeySlot.Secondary, B)));

    // Between the writes of a promotion OLD has PRIMARY's key already.
    [Fact]
    public void Old_WithPrimarysKey_IsNoWarning() => Assert.Null(Warning((KeySlot.Primary, A), (KeySlot.Secondary, B), (KeySlot.Old, A)));

    [Fact]
    public async Task Settings_OneKeyTwice_AreOneWarning()
    {
        var settings = new Dictionary<string, string?> { ["GEMINI_API_KEY_PRIMARY"] = A.Reveal(), ["GEMINI_API_KEY_SECONDARY"] = $" {A.Reveal()}\n" };
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Keys = 0, Settings = settings });
        edge.Sandbox.AddKey(A.Reveal());

        await edge.SendAsync("POST", "/api/admin/refresh");
        await edge.GenerateAsync();

        Assert.Equal(
            "GEMINI_API_KEY_PRIMARY and GEMINI_API_KEY_SECONDARY hold the same key (key_id aaaa): there is no standby, and when this key fails every request does. Store another key in GEMINI_API_KEY_SECONDARY.",
            Assert.Single(edge.Log.Events, line => LogCapture.Name(line) == "configuration_warning")["message"]!.GetValue<string>());
    }

    [Fact]
    public async Task Vault_OneKeyTwice_IsOneWarningHoweverOftenItIsRead()
    {
        var (test, primary, _) = await VaultEdge.StartWithTwoAsync();
        await using var __ = test;
        test.Vault.Set(KeySlot.Secondary.Secret(), primary.Value);

        // Every tenth read is of all slots, after which what was mended may be said again.
        for (var refresh = 0; refresh < 12; refresh++)
        {
            test.MakeStale();
            await test.AskAsync();
        }

        await test.RingIsAsync(("PRIMARY", primary));
        Assert.StartsWith(
            $"GEMINI-API-KEY-PRIMARY and GEMINI-API-KEY-SECONDARY hold the same key (key_id {VaultEdge.Id(primary)}): there is no standby",
            Assert.Single(test.Edge.Log.Events, line => LogCapture.Name(line) == "configuration_warning")["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    private static string? Warning(params IReadOnlyCollection<(KeySlot Slot, ApiKey Key)> slots) =>
        SameKeys.Warning([.. slots.Select(slot => new SlotValue(slot.Slot, slot.Key))], slot => slot.Name());
}
