using GeminiEdge.Keys;
using GeminiEdge.Rotation;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.KeyVault;

namespace GeminiEdge.Tests.Rotation;

public class RotationLeakTests
{
    [Fact]
    public async Task Leak_OfPrimary_LeavesTheKeyInNoSlotAndNoReadableVersion()
    {
        await using var bed = await RotationBed.StartAsync();
        var leaked = bed.Put(KeySlot.Primary);
        var (other, standby) = (bed.Put(KeySlot.Slot3), bed.Put(KeySlot.Secondary));
        bed.Put(KeySlot.Slot3, leaked);
        bed.Put(KeySlot.Slot3, other);
        bed.Put(KeySlot.Slot4, leaked);
        bed.Put(KeySlot.Old, leaked, bed.Time.GetUtcNow().AddHours(1));
        var written = Writes(bed);

        var result = await LeakAsync(bed);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.Equal(
            [standby, standby, other, null, null], new[] { KeySlot.Primary, KeySlot.Secondary, KeySlot.Slot3, KeySlot.Slot4, KeySlot.Old }.Select(bed.Value));
        Assert.DoesNotContain(leaked, bed.Values());
        Assert.Contains(other, bed.Values());
        Assert.All(bed.Vault.Names, name => Assert.True(bed.Vault.Latest(name)!.Enabled, name));
        Assert.True(IsListed(bed, leaked));
        Assert.Equal([KeySlot.Primary.Secret(), LeakedKeys.Secret, KeySlot.Slot4.Secret(), KeySlot.Old.Secret()], written.Where(name => name != RotationRecord.Secret).Take(4));
        Assert.Equal((leaked, leaked[^4..]), (result.Leaked!.Reveal(), result.Before!.Value[0].Key!.Id));
        Assert.Contains("A new SECONDARY is due", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leak_PrimaryHoldsAnotherKeyThatWorks_ListsFirstAndEmptiesTheSlot()
    {
        await using var bed = await RotationBed.StartAsync();
        var (primary, leaked) = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary));
        var written = Writes(bed);

        RotationBed.AssertEnded(RotationOutcome.Done, await LeakAsync(bed, KeySlot.Secondary));

        Assert.Equal((primary, null), (bed.Value(KeySlot.Primary), bed.Value(KeySlot.Secondary)));
        Assert.DoesNotContain(leaked, bed.Values());
        Assert.Equal(LeakedKeys.Secret, written.First(name => name != RotationRecord.Secret));
    }

    [Fact]
    public async Task Leak_SecondaryIsDead_TakesTheNextKeyThatPasses()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary, bed.Key(SandboxKeyState.Invalid));
        var standby = bed.Put(KeySlot.Slot3);

        RotationBed.AssertEnded(RotationOutcome.Done, await LeakAsync(bed));

        Assert.Equal(standby, bed.Value(KeySlot.Primary));
    }

    [Fact]
    public async Task Leak_SecondaryWasRolledBack_PrefersAnyOtherKey()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary, tags: new() { [RotationTags.State] = RotationTags.StateRolledBack });
        var standby = bed.Put(KeySlot.Old, expires: bed.Time.GetUtcNow().AddHours(1));

        RotationBed.AssertEnded(RotationOutcome.Done, await LeakAsync(bed));

        Assert.Equal(standby, bed.Value(KeySlot.Primary));
    }

    [Fact]
    public async Task Leak_NoStandby_NeedsANewKeyBeforeAnyWrite()
    {
        await using var bed = await RotationBed.StartAsync();
        var leaked = bed.Put(KeySlot.Primary);
        var slots = bed.Slots();

        var refused = await LeakAsync(bed);
        Assert.Equal((RotationOutcome.Refused, true, null), (refused.Outcome, refused.NeedsKey, refused.RotationId));
        Assert.Equal(slots, bed.Slots());
        Assert.False(IsListed(bed, leaked));

        var dead = await LeakAsync(bed, standby: bed.Key(SandboxKeyState.Invalid));
        Assert.Equal((RotationOutcome.Refused, false, leaked), (dead.Outcome, dead.NeedsKey, bed.Value(KeySlot.Primary)));
        var same = await LeakAsync(bed, standby: leaked);
        Assert.Equal((RotationOutcome.Refused, leaked), (same.Outcome, bed.Value(KeySlot.Primary)));

        var fresh = bed.Key();
        RotationBed.AssertEnded(RotationOutcome.Done, await LeakAsync(bed, standby: fresh));
        Assert.Equal(fresh, bed.Value(KeySlot.Primary));
        Assert.DoesNotContain(leaked, bed.Values());
    }

    [Fact]
    public async Task Leak_Twice_DoesNotBurnTheStandbyUnlessItIsNamed()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);
        var standby = bed.Put(KeySlot.Secondary);
        bed.Put(KeySlot.Slot3);
        RotationBed.AssertEnded(RotationOutcome.Done, await LeakAsync(bed));

        RotationBed.AssertEnded(RotationOutcome.Refused, await LeakAsync(bed));
        RotationBed.AssertEnded(RotationOutcome.Refused, await LeakAsync(bed, keyId: "~~~~"));
        Assert.Equal(standby, bed.Value(KeySlot.Primary));

        RotationBed.AssertEnded(RotationOutcome.Done, await LeakAsync(bed, keyId: standby[^4..]));
        Assert.DoesNotContain(standby, bed.Values());
    }

    [Theory]
    [InlineData("promote")]
    [InlineData("rollback")]
    public async Task Leak_SomebodyElseIsAtWork_TakesOver(string command)
    {
        await using var bed = await RotationBed.StartAsync();
        var leaked = bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        bed.Vault.Set(RotationRecord.Secret, "id", new Dictionary<string, string>
        {
            [RotationTags.Id] = "id",
            [RotationTags.Operator] = "berta@elsewhere",
            [RotationTags.Command] = command,
            [RotationTags.Expiry] = RotationTags.Time(bed.Time.GetUtcNow().AddHours(1)),
            [command == "rollback" ? RotationTags.TakesOver : "by"] = "true",
        });

        RotationBed.AssertEnded(RotationOutcome.Done, await LeakAsync(bed));

        Assert.DoesNotContain(leaked, bed.Values());
    }

    [Fact]
    public async Task Leak_OfTheKeyThatAPromotionIsMoving_SupersedesIt()
    {
        await using var bed = await RotationBed.StartAsync();
        var (former, leaked) = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary));
        bed.Vault.AfterWrite = write => Task.FromResult(write.Request.SecretName == KeySlot.Primary.Secret() ? bed.Vault.Fault = KeyVaultFault.Outage : null);
        RotationBed.AssertEnded(RotationOutcome.Failed, await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default));
        bed.CalmDown();
        Assert.Equal(leaked, bed.Value(KeySlot.Primary));

        RotationBed.AssertEnded(RotationOutcome.Done, await LeakAsync(bed));

        Assert.Equal((former, null), (bed.Value(KeySlot.Primary), bed.Value(KeySlot.Secondary)));
        Assert.DoesNotContain(leaked, bed.Values());
        RotationBed.AssertEnded(RotationOutcome.Done, await bed.Operator().SetAsync(KeySlot.Secondary, ApiKey.Create(bed.Key()).Key!, default));
        Assert.Equal(former, bed.Value(KeySlot.Primary));
    }

    [Fact]
    public async Task AnyOtherCommand_ALeakIsUnfinished_FinishesItFirst()
    {
        await using var bed = await RotationBed.StartAsync();
        var leaked = bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        bed.Put(KeySlot.Old, leaked, bed.Time.GetUtcNow().AddHours(1), new() { [RotationTags.PromotedFrom] = "PRIMARY" });
        bed.Vault.AfterWrite = write => Task.FromResult(write.Request.SecretName == KeySlot.Primary.Secret() ? bed.Vault.Fault = KeyVaultFault.Outage : null);
        RotationBed.AssertEnded(RotationOutcome.Failed, await LeakAsync(bed));
        bed.CalmDown();
        Assert.False(IsListed(bed, leaked));
        bed.Time.Advance(TimeSpan.FromMinutes(3));

        // A rollback would bring the leaked key back.
        RotationBed.AssertEnded(RotationOutcome.Refused, await bed.Operator("berta@laptop").RollbackAsync(default));

        Assert.True(IsListed(bed, leaked));
        Assert.DoesNotContain(leaked, bed.Values());
    }

    [Fact]
    public async Task Leak_DryRun_FindsAllAndWritesNothing()
    {
        await using var bed = await RotationBed.StartAsync();
        var leaked = bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary, leaked);
        bed.Put(KeySlot.Secondary);

        var result = await bed.Operator(dryRun: true).LeakAsync(KeySlot.Primary, null, null, default);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.Equal(0, bed.Vault.WriteCount);
        Assert.Equal(2, result.Steps.Count(step => step.Text.StartsWith("disable", StringComparison.Ordinal)));
    }

    private static Task<RotationResult> LeakAsync(RotationBed bed, KeySlot slot = KeySlot.Primary, string? keyId = null, string? standby = null) =>
        bed.Operator().LeakAsync(slot, keyId, standby is null ? null : ApiKey.Create(standby).Key, default);

    private static bool IsListed(RotationBed bed, string key) =>
        LeakedKeys.Parse(bed.Vault.Latest(LeakedKeys.Secret)?.Value ?? "")!.Contains(ApiKey.Create(key).Key!);

    private static List<string> Writes(RotationBed bed)
    {
        var names = new List<string>();
        bed.Vault.AfterWrite = write =>
        {
            names.Add(write.Request.SecretName!);
            return Task.FromResult<KeyVaultFault?>(null);
        };
        return names;
    }
}
