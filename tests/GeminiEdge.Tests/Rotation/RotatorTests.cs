using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Rotation;

public class RotatorTests
{
    [Fact]
    public async Task Promote_PrimaryAndSecondary_MovesBothAndKeepsTheFormerKeyForADay()
    {
        await using var bed = await RotationBed.StartAsync();
        var (former, next) = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary));

        var result = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.Equal((next, next, former), (bed.Value(KeySlot.Primary), bed.Value(KeySlot.Secondary), bed.Value(KeySlot.Old)));
        var old = bed.Vault.Latest(KeySlot.Old.Secret())!;
        Assert.InRange(old.ExpiresOn!.Value - bed.Time.GetUtcNow(), TimeSpan.FromHours(23.9), TimeSpan.FromHours(24));
        Assert.Equal(("PRIMARY", result.RotationId), (old.Tags[RotationTags.PromotedFrom], old.Tags[RotationTags.Rotation]));
        Assert.Contains("A new SECONDARY is due", result.Message, StringComparison.Ordinal);
        Assert.Contains("unproven", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.Equal(4, result.Steps.Length);
    }

    [Fact]
    public async Task Promote_Twice_TheSecondIsRefusedForWantOfANewSecondary()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);
        var slots = bed.Slots();

        var result = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        Assert.Equal((RotationOutcome.Refused, null), (result.Outcome, result.RotationId));
        Assert.Contains("A new SECONDARY is due", result.Message, StringComparison.Ordinal);
        Assert.Equal(slots, bed.Slots());
    }

    [Fact]
    public async Task Promote_FirstDeployment_FillsTheEmptySlotAndKeepsNothing()
    {
        await using var bed = await RotationBed.StartAsync();
        var key = bed.Put(KeySlot.Secondary);

        var result = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.Equal((key, null), (bed.Value(KeySlot.Primary), bed.Value(KeySlot.Old)));
        Assert.Null(bed.Vault.Latest(KeySlot.Old.Secret()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Promote_UnexpiredOldThatStandsNowhereElse_IsLostOnlyOnDemand(bool replaceOld)
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        var old = bed.Put(KeySlot.Old, expires: bed.Time.GetUtcNow().AddHours(1));

        var result = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld, default);

        RotationBed.AssertEnded(replaceOld ? RotationOutcome.Done : RotationOutcome.Refused, result);
        Assert.Equal(replaceOld, old != bed.Value(KeySlot.Old));
    }

    [Fact]
    public async Task PromoteAndRollback_OfSlot3_LeaveTheOtherSlotsAlone()
    {
        await using var bed = await RotationBed.StartAsync();
        var (primary, third, next) = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Slot3), bed.Put(KeySlot.Secondary));

        var promoted = await bed.Operator().PromoteAsync(KeySlot.Slot3, replaceOld: false, default);
        Assert.Equal((primary, next, third), (bed.Value(KeySlot.Primary), bed.Value(KeySlot.Slot3), bed.Value(KeySlot.Old)));
        var rolledBack = await bed.Operator().RollbackAsync(default);

        Assert.Equal((RotationOutcome.Done, RotationOutcome.Done), (promoted.Outcome, rolledBack.Outcome));
        Assert.Equal((primary, third, null), (bed.Value(KeySlot.Primary), bed.Value(KeySlot.Slot3), bed.Value(KeySlot.Old)));
        Assert.Equal(RotationTags.StateRolledBack, bed.StateTag(KeySlot.Secondary));
    }

    [Fact]
    public async Task Rollback_AfterAPromotion_BringsTheKeyBackTagsTheFailedOneAndEmptiesOld()
    {
        await using var bed = await RotationBed.StartAsync();
        var (former, failed) = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary));
        await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        var result = await bed.Operator().RollbackAsync(default);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.Equal((former, failed, null), (bed.Value(KeySlot.Primary), bed.Value(KeySlot.Secondary), bed.Value(KeySlot.Old)));
        Assert.Equal(RotationTags.StateRolledBack, bed.StateTag(KeySlot.Secondary));
        Assert.Equal([false, true], bed.Vault.Versions(KeySlot.Old.Secret()).Select(version => version.Enabled));
        Assert.All(bed.Vault.Versions(KeySlot.Primary.Secret()), version => Assert.True(version.Enabled));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rollback_OntoASlotThatWasEmptiedByHand_TagsTheKeyThatFailedThereAlone(bool isAnother)
    {
        await using var bed = await RotationBed.StartAsync();
        var (former, _) = (bed.Put(KeySlot.Primary), bed.Put(KeySlot.Secondary));
        await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);
        bed.Put(KeySlot.Primary, SecretValue.Empty);
        if (isAnother)
        {
            bed.Put(KeySlot.Secondary);
        }

        var result = await bed.Operator().RollbackAsync(default);
        var again = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.Equal(isAnother ? null : RotationTags.StateRolledBack, bed.StateTag(KeySlot.Secondary));
        RotationBed.AssertEnded(isAnother ? RotationOutcome.Done : RotationOutcome.Refused, again);
        Assert.Equal(isAnother, bed.Value(KeySlot.Primary) != former);
    }

    [Fact]
    public async Task AfterARollback_RollbackAndPromoteAreRefusedAndPurgeHasNothingToDo()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);
        await bed.Operator().RollbackAsync(default);
        var slots = bed.Slots();

        var again = await bed.Operator().RollbackAsync(default);
        var promote = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);
        var purge = await bed.Operator().PurgeAsync(default);

        Assert.Equal((RotationOutcome.Refused, RotationOutcome.Refused, RotationOutcome.Done), (again.Outcome, promote.Outcome, purge.Outcome));
        Assert.Contains("already", again.Message, StringComparison.Ordinal);
        Assert.Contains("rolled back", promote.Message, StringComparison.Ordinal);
        Assert.Contains("nothing to purge", purge.Message, StringComparison.Ordinal);
        Assert.Equal(slots, bed.Slots());
    }

    [Fact]
    public async Task Rollback_AfterItsPromotionIsADayOld_IsRefused()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);
        bed.Time.Advance(TimeSpan.FromHours(24));

        var result = await bed.Operator().RollbackAsync(default);

        RotationBed.AssertEnded(RotationOutcome.Refused, result);
        Assert.Contains("expired", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SandboxKeyState.Invalid, "key_invalid")]
    [InlineData(SandboxKeyState.Leaked, "key_leaked")]
    [InlineData(SandboxKeyState.QuotaMinute, "quota_minute")]
    [InlineData(SandboxKeyState.Overloaded, "overloaded")]
    [InlineData(SandboxKeyState.Reset, "network")]
    public async Task PromoteAndRollback_KeyThatFailsItsProbe_AreRefusedAndWriteNoSlot(SandboxKeyState state, string verdict)
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary, bed.Key(state));
        bed.Put(KeySlot.Old, bed.Key(state), bed.Time.GetUtcNow().AddDays(1), new() { [RotationTags.PromotedFrom] = "PRIMARY" });
        var slots = bed.Slots();

        var promote = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: true, default);
        var rollback = await bed.Operator().RollbackAsync(default);

        Assert.Equal((RotationOutcome.Refused, RotationOutcome.Refused), (promote.Outcome, rollback.Outcome));
        Assert.Contains(verdict, promote.Message, StringComparison.Ordinal);
        Assert.Contains(verdict, rollback.Message, StringComparison.Ordinal);
        Assert.Equal(slots, bed.Slots());
    }

    [Fact]
    public async Task Promote_BrandNewKeyThatGoogleDoesNotKnowYet_IsWaitedFor()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);
        var key = bed.At(bed.Put(KeySlot.Secondary, bed.Key(SandboxKeyState.NotFound)));
        bed.Gemini.OnRequest = _ =>
        {
            key.State = key.RequestCount >= 3 ? SandboxKeyState.Working : SandboxKeyState.NotFound;
            return Task.FromResult(false);
        };

        var result = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        RotationBed.AssertEnded(RotationOutcome.Done, result);
        Assert.Single(bed.Progress, line => line.Contains("Google does not know the key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Promote_SecondaryIsEmpty_IsRefusedBeforeTheLock()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);
        var began = bed.Time.GetUtcNow();

        var result = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        RotationBed.AssertEnded(RotationOutcome.Refused, result);
        Assert.Contains("SECONDARY is empty", result.Message, StringComparison.Ordinal);
        Assert.Equal((0, began), (bed.Vault.WriteCount, bed.Time.GetUtcNow()));
    }

    [Fact]
    public async Task Promote_OldKeyThatGoogleDoesNotKnow_IsAskedOnce()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);
        var key = bed.At(bed.Put(KeySlot.Secondary, bed.Key(SandboxKeyState.NotFound)));
        bed.Time.Advance(TimeSpan.FromMinutes(6));

        await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);

        Assert.Equal(1, key.RequestCount);
    }

    [Fact]
    public async Task PromoteSetAndRollback_LeakedKey_AreRefused()
    {
        await using var bed = await RotationBed.StartAsync();
        var (key, _) = ApiKey.Create(bed.Key());
        bed.Put(KeySlot.Primary);
        bed.Vault.Set(LeakedKeys.Secret, LeakedKeys.None.With(key!));

        var set = await bed.Operator().SetAsync(KeySlot.Slot4, key!, default);
        bed.Put(KeySlot.Secondary, key!.Reveal());
        var promote = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);
        bed.Put(KeySlot.Old, key.Reveal(), bed.Time.GetUtcNow().AddDays(1), new() { [RotationTags.PromotedFrom] = "PRIMARY" });
        var rollback = await bed.Operator().RollbackAsync(default);

        Assert.All([set, promote, rollback], result => Assert.Equal(RotationOutcome.Refused, result.Outcome));
        Assert.All([set, promote, rollback], result => Assert.Contains("list of leaked keys", result.Message, StringComparison.Ordinal));
        Assert.Equal(0, bed.At(key.Reveal()).RequestCount);
    }

    [Fact]
    public async Task DryRun_OfEveryCommand_TellsTheStepsAndWritesNothing()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        var wouldPromote = await bed.Operator(dryRun: true).PromoteAsync(KeySlot.Primary, replaceOld: false, default);
        Assert.Equal((0, null), (bed.Vault.WriteCount, wouldPromote.RotationId));
        var promoted = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default);
        var writes = bed.Vault.WriteCount;

        var wouldRollBack = await bed.Operator(dryRun: true).RollbackAsync(default);
        var wouldSet = await bed.Operator(dryRun: true).SetAsync(KeySlot.Slot9, ApiKey.Create(bed.Key()).Key!, default);
        bed.Time.Advance(TimeSpan.FromDays(1));
        var wouldPurge = await bed.Operator(dryRun: true).PurgeAsync(default);

        Assert.Equal(writes, bed.Vault.WriteCount);
        Assert.Equal(promoted.Steps.Select(step => step.Text.Split(',')[0]), wouldPromote.Steps.Select(step => step.Text.Split(',')[0]));
        Assert.Equal((6, 2, 4), (wouldRollBack.Steps.Length, wouldSet.Steps.Length, wouldPurge.Steps.Length));
    }

    [Fact]
    public async Task AnyCommand_WhateverItSays_ShowsNoKey()
    {
        await using var bed = await RotationBed.StartAsync();
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        RotationResult[] results =
        [
            await bed.Operator().SetAsync(KeySlot.Primary, ApiKey.Create(bed.Key()).Key!, default),
            await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default),
            await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, default),
            await bed.Operator().RollbackAsync(default),
            await bed.Operator().PurgeAsync(default),
        ];

        var check = new LeakCheck(bed.Gemini.Keys.Select(key => key.Value));
        foreach (var result in results)
        {
            check.Check("the result", string.Join('\n', [result.Message, .. result.Steps.Select(step => step.Text), .. result.Warnings]));
        }

        check.Check("the progress", string.Join('\n', bed.Progress));
        check.Check("the tags", string.Join('\n', bed.Vault.Names.SelectMany(bed.Vault.Versions).SelectMany(version => version.Tags.Values)));
        Assert.Null(check.Found);
    }
}
