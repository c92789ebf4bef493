using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;
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
        Assert.DoesNotContain("is due", result.Message, StringComparison.Ordinal);
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
        var first = await LeakAsync(bed);
        RotationBed.AssertEnded(RotationOutcome.Done, first);

        var again = await LeakAsync(bed);
        RotationBed.AssertEnded(RotationOutcome.Done, again);
        Assert.Equal(first.LeakedId, again.LeakedId);
        Assert.Contains($"…{standby[^4..]}, which stands in PRIMARY now, was not touched: if it has leaked too, run it with --key-id {standby[^4..]}.", again.Message, StringComparison.Ordinal);
        RotationBed.AssertEnded(RotationOutcome.Refused, await LeakAsync(bed, keyId: "~~~~"));
        Assert.Equal(standby, bed.Value(KeySlot.Primary));

        RotationBed.AssertEnded(RotationOutcome.Done, await LeakAsync(bed, keyId: standby[^4..]));
        Assert.DoesNotContain(standby, bed.Values());
    }

    [Fact]
    public async Task Leak_TheSlotHoldsAnotherKeyThanTheNamedOne_SaysWhatToDoWithThat()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);
        var other = bed.Put(KeySlot.Secondary)[^4..];

        var (elsewhere, nowhere) = (await LeakAsync(bed, keyId: other), await LeakAsync(bed, keyId: "-~~~"));

        Assert.Equal((RotationOutcome.Refused, RotationOutcome.Refused), (elsewhere.Outcome, nowhere.Outcome));
        Assert.EndsWith($"SECONDARY holds it: `edgectl leak SECONDARY --key-id {other}`.", elsewhere.Message, StringComparison.Ordinal);
        Assert.Contains("No slot holds it. `edgectl retire -- -~~~` deletes it at Google", nowhere.Message, StringComparison.Ordinal);
        Assert.Contains(LeakedKeys.Secret, nowhere.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Leak_AnHourAfterTheLast_IsRefusedUnlessAKeyIsNamed()
    {
        await using var bed = await RotationBed.StartAsync();
        var leaked = bed.Put(KeySlot.Primary);
        var standby = bed.Put(KeySlot.Secondary);
        RotationBed.AssertEnded(RotationOutcome.Done, await LeakAsync(bed));
        bed.Time.Advance(TimeSpan.FromHours(1));

        var refused = await LeakAsync(bed);

        RotationBed.AssertEnded(RotationOutcome.Refused, refused);
        Assert.Contains($"`edgectl leak PRIMARY --key-id {leaked[^4..]}` does what is left of it. Has …{standby[^4..]} leaked too?", refused.Message, StringComparison.Ordinal);
        var resumed = await LeakAsync(bed, keyId: leaked[^4..]);
        RotationBed.AssertEnded(RotationOutcome.Done, resumed);
        Assert.Equal((leaked[^4..], standby), (resumed.LeakedId, bed.Value(KeySlot.Primary)));
    }

    [Fact]
    public async Task Leak_OfASecondaryThatWasFilledAgain_IsStillKnownByItsRecord()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);
        var leaked = bed.Put(KeySlot.Secondary);
        RotationBed.AssertEnded(RotationOutcome.Done, await LeakAsync(bed, KeySlot.Secondary));
        var fresh = bed.Key();
        RotationBed.AssertEnded(RotationOutcome.Done, await bed.Operator().SetAsync(KeySlot.Secondary, ApiKey.Create(fresh).Key!, default));

        RotationBed.AssertEnded(RotationOutcome.Refused, await LeakAsync(bed, KeySlot.Secondary));
        RotationBed.AssertEnded(RotationOutcome.Done, await LeakAsync(bed, keyId: leaked[^4..]));
        Assert.Equal(fresh, bed.Value(KeySlot.Secondary));

        bed.Time.Advance(TimeSpan.FromDays(1));
        RotationBed.AssertEnded(RotationOutcome.Done, await LeakAsync(bed, KeySlot.Secondary));
        Assert.Null(bed.Value(KeySlot.Secondary));
    }

    [Fact]
    public async Task Leak_ThatIsOverAndWhoseKeyIsPutBack_TakesItOutAgain()
    {
        await using var bed = await RotationBed.StartAsync();
        var leaked = bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        RotationBed.AssertEnded(RotationOutcome.Done, await LeakAsync(bed));
        bed.Put(KeySlot.Slot3, leaked);
        bed.Vault.Set(LeakedKeys.Secret, SecretValue.Empty);

        RotationBed.AssertEnded(RotationOutcome.Done, await LeakAsync(bed));

        Assert.True(IsListed(bed, leaked));
        Assert.DoesNotContain(leaked, bed.Values());
    }

    [Theory]
    [InlineData("the list is being edited", true)]
    [InlineData("1899f16ecb566f8107ce7f27761a3fbadd2c838ca48c271519ed3c971a50bb7c", false)]
    public async Task Leak_TheListCanNotBeRead_WritesANewOneWithWhatEarlierVersionsHeld(string newest, bool enabled)
    {
        await using var bed = await RotationBed.StartAsync();
        var (leaked, listed) = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary));
        var standby = bed.Put(KeySlot.Slot3);
        bed.Vault.Set(LeakedKeys.Secret, LeakedKeys.None.With(ApiKey.Create(listed).Key!));
        bed.Vault.Set(LeakedKeys.Secret, newest, enabled: enabled);

        var result = await LeakAsync(bed);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.Equal(standby, bed.Value(KeySlot.Primary));
        Assert.True(IsListed(bed, leaked) && IsListed(bed, listed));
        Assert.DoesNotContain(leaked, bed.Values());
        Assert.Contains(result.Warnings, warning => warning.Contains("and the 1 hashes that its earlier, readable versions held. What only the 1 unreadable version held is lost", StringComparison.Ordinal));
        Assert.Contains(ColdRing(bed), value => value.Key.Reveal() == standby);
        Assert.DoesNotContain(ColdRing(bed), value => value.Key.Reveal() == leaked || value.Key.Reveal() == listed);
    }

    [Fact]
    public async Task Leak_IsStopped_SaysWhatItHadDone()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);
        var standby = bed.Put(KeySlot.Secondary);
        using var stop = new CancellationTokenSource();
        bed.Vault.AfterWrite = async write =>
        {
            if (write.Request.SecretName == LeakedKeys.Secret)
            {
                await stop.CancelAsync();
            }

            return null;
        };

        var stopped = await Assert.ThrowsAsync<RotationStopped>(() => bed.Operator().LeakAsync(KeySlot.Primary, null, null, stop.Token));

        Assert.Contains(stopped.Result.Steps, step => step.Text.StartsWith("PRIMARY :=", StringComparison.Ordinal));
        Assert.Equal(standby, stopped.Result.After!.Value[0].Key!.Reveal());
        Assert.Contains("Whether the step under way was done", stopped.Result.Message, StringComparison.Ordinal);
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

    private static ImmutableArray<SlotValue> ColdRing(RotationBed bed) => ColdEdge.Ring(bed.Time.GetUtcNow(), Reading(bed, LeakedKeys.Secret), slot => Reading(bed, slot.Secret()));

    private static SecretReading Reading(RotationBed bed, string secret) =>
        bed.Vault.Latest(secret) is { } latest ? new SecretReading(latest.Value, latest.Version, latest.ExpiresOn) : SecretReading.Missing;

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
