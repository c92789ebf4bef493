using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;

namespace GeminiEdge.Tests.Rotation;

/// <summary>States that no command leaves, but hands may.</summary>
public class RotationPlanTests
{
    private static readonly ApiKey A = VaultModel.Key("keya");
    private static readonly ApiKey B = VaultModel.Key("keyb");
    private static readonly ApiKey C = VaultModel.Key("keyc");

    private static readonly RotationCommand Promote = new(RotationKind.Promote, "run") { Slot = KeySlot.Primary };
    private static readonly RotationCommand Rollback = new(RotationKind.Rollback, "run");
    private static readonly RotationCommand Purge = new(RotationKind.Purge, "run");

    [Theory]
    [InlineData(KeySlot.Secondary)]
    [InlineData(KeySlot.Old)]
    internal void Promote_ToASlotThatIsNoTarget_IsRefused(KeySlot slot) =>
        Assert.Contains("can't be promoted to", Refusal(VaultModel.Of((KeySlot.Primary, A), (KeySlot.Secondary, B)), Promote with { Slot = slot }), StringComparison.Ordinal);

    [Fact]
    public void Promote_SecondaryIsMissing_IsRefused() =>
        Assert.Contains("SECONDARY is empty", Refusal(VaultModel.Of((KeySlot.Primary, A)), Promote), StringComparison.Ordinal);

    [Fact]
    public void Promote_SecondaryCantBeUsed_SaysWhy()
    {
        var vault = With(VaultModel.Of((KeySlot.Primary, A)), new SlotState(KeySlot.Secondary) { Refusal = "is blank", Version = "v", Enabled = true });

        Assert.Equal("The value of GEMINI-API-KEY-SECONDARY is blank.", Refusal(vault, Promote));
    }

    [Fact]
    public void Promote_SecondaryDuplicatesAnotherSlot_IsRefusedForItsName()
    {
        var vault = VaultModel.Of((KeySlot.Primary, A), (KeySlot.Secondary, B), (KeySlot.Slot4, B));

        Assert.Contains("the key of 4 (…keyb)", Refusal(vault, Promote), StringComparison.Ordinal);
    }

    [Fact]
    public void Promote_OldHasNoExpiry_IsKept()
    {
        var vault = VaultModel.Of((KeySlot.Primary, A), (KeySlot.Secondary, B), (KeySlot.Old, C));

        Assert.Contains("somebody sets its expiry", Refusal(With(vault, vault.State.Old with { ExpiresOn = null }), Promote), StringComparison.Ordinal);
    }

    [Fact]
    public void Promote_FinishedByHand_LosesNotTheFormerKey()
    {
        // Stopped after OLD; then somebody stored SECONDARY's key in PRIMARY.
        var vault = VaultModel.Of((KeySlot.Primary, A), (KeySlot.Secondary, B)).Run(Promote, steps: 2).Vault;
        vault = With(vault, new SlotState(KeySlot.Primary) { Key = B, Version = "by-hand", Enabled = true });

        var (after, end) = vault.Run(Promote);

        Assert.Equal(RotationOutcome.Refused, end!.Outcome);
        Assert.Equal((B, A), (after.State[KeySlot.Primary].Key, after.State.Old.Key));
    }

    [Fact]
    public void Promote_PrimaryIsLeaked_DoesNotKeepItsKey()
    {
        var vault = VaultModel.Of((KeySlot.Primary, A), (KeySlot.Secondary, B));
        vault = vault with { State = vault.State with { Leaked = LeakedKeys.Parse(LeakedKeys.HashOf(A))! } };

        var (after, end) = vault.Run(Promote);

        Assert.Equal((RotationOutcome.Done, B, null), (end!.Outcome, after.State[KeySlot.Primary].Key, after.State.Old.Key));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("OLD")]
    [InlineData("SECONDARY")]
    [InlineData("nowhere")]
    public void Rollback_OldDoesNotSayWhereItCameFrom_IsRefused(string? from)
    {
        var vault = VaultModel.Of((KeySlot.Primary, B), (KeySlot.Old, A));
        var tags = from is null ? ImmutableDictionary<string, string>.Empty : ImmutableDictionary<string, string>.Empty.Add(RotationTags.PromotedFrom, from);

        Assert.Contains("put it back by hand", Refusal(With(vault, vault.State.Old with { Tags = tags }), Rollback), StringComparison.Ordinal);
    }

    [Fact]
    public void Rollback_SlotHoldsOldsKeyByHand_IsRefusedAndOldStays()
    {
        var vault = VaultModel.Of((KeySlot.Primary, A), (KeySlot.Secondary, B)).Run(Promote).Vault;
        vault = With(vault, new SlotState(KeySlot.Primary) { Key = A, Version = "by-hand", Enabled = true });

        Assert.Contains("holds OLD's key already", Refusal(vault, Rollback), StringComparison.Ordinal);
    }

    [Fact]
    public void Rollback_SecondaryIsANewKeyByNow_LeavesItAlone()
    {
        var vault = VaultModel.Of((KeySlot.Primary, A), (KeySlot.Secondary, B)).Run(Promote).Vault;
        vault = With(vault, new SlotState(KeySlot.Secondary) { Key = C, Version = "new", Enabled = true });

        var (after, end) = vault.Run(Rollback);

        Assert.Equal((RotationOutcome.Done, A, C), (end!.Outcome, after.State[KeySlot.Primary].Key, after.State.Secondary.Key));
        Assert.False(after.State.Secondary.IsRolledBack);
    }

    [Fact]
    public void Purge_OldWasEmptiedByHand_DisablesNothing()
    {
        var vault = VaultModel.Of((KeySlot.Primary, A));
        vault = With(vault, new SlotState(KeySlot.Old) { Version = "none", Enabled = true });
        vault = vault with { State = vault.State with { EarlierOld = ["earlier"] } };

        Assert.Equal(new PlanStep.End(RotationOutcome.Done, "OLD is empty: there is nothing to purge."), RotationPlan.Next(vault.State, Purge));
    }

    [Fact]
    public void AnyStep_OldIsEmptied_NeverTouchesItsNewestVersion()
    {
        var vault = VaultModel.Of((KeySlot.Primary, A), (KeySlot.Secondary, B)).Run(Promote).Vault;
        var newest = "";

        vault.Run(Rollback, each: now =>
        {
            newest = now.State.Old.Version!;
            Assert.DoesNotContain(newest, now.State.EarlierOld);
        });

        Assert.NotEqual("", newest);
    }

    private static VaultModel With(VaultModel vault, SlotState slot) => vault with { State = vault.State with { Slots = vault.State.Slots.SetItem((int)slot.Slot, slot) } };

    private static string Refusal(VaultModel vault, RotationCommand command)
    {
        var end = Assert.IsType<PlanStep.End>(RotationPlan.Next(vault.State, command));
        Assert.Equal(RotationOutcome.Refused, end.Outcome);
        return end.Message;
    }
}
