using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Rotation;

// probe OLD → its former slot := OLD → SECONDARY tagged, if it is the failed key → settled → OLD emptied
internal static partial class RotationPlan
{
    /// <param name="id">This run's rollback, or an earlier one that is unfinished.</param>
    private static PlanStep Rollback(RotationState state, RotationCommand command, string id)
    {
        // 1. What this rollback has done already.
        var old = state.Old;
        if (state.Slots.FirstOrDefault(slot => slot.Rotation == id && slot.Is(RotationTags.StateRestored)) is { } restored)
        {
            return AfterRestoring(state, command, id, restored);
        }

        if (old.Rotation == id)
        {
            return Finish(state, command, id, RotationRecord.Done, Done("The unfinished promotion was taken back: every slot keeps its key."));
        }

        // 2. What must hold before anything is written.
        if (old.Refusal is not null)
        {
            return Refused($"The value of {old.Slot.Secret()} {old.Refusal}.");
        }

        if (old.Key is null)
        {
            var before = state.Slots.FirstOrDefault(slot => slot.Is(RotationTags.StateRestored));
            return Refused(before is null ? "OLD is empty: there is nothing to roll back to." : $"OLD is empty: {before.Text} was rolled back to its former key already.");
        }

        if (old.PromotedFrom is not { } target || target is KeySlot.Old or KeySlot.Secondary)
        {
            return Refused($"{old.Text} does not say which slot it was promoted from: put it back by hand.");
        }

        var slot = state[target];
        if (slot.Holds(old.Key))
        {
            return state.Unfinished(old.Rotation) is null
                ? Refused($"{slot.Text} holds OLD's key already: there is nothing to roll back.")
                : TakeBackOld(state, id, $"the promotion has not changed {slot.Slot.Name()} yet")!;
        }

        if (state.Leaked.Contains(old.Key))
        {
            return Refused($"{old.Text} is on the list of leaked keys: store a new key with `edgectl set {target.Name()}`.");
        }

        if (old.IsExpired(state.Now))
        {
            return Refused($"{old.Text} expired at {Text(old.EndsOn!.Value)}: store a new key with `edgectl set {target.Name()}`.");
        }

        if (Proof(state, old, old.Key) is { } unproven)
        {
            return unproven;
        }

        // 3. The write that brings the former key back. Its tag lets a later run know the failed key. Of a slot that was
        //    emptied by hand OLD knows which key was promoted to it.
        var tags = RotationTags.Of(id, RotationTags.StateRestored, state.Now);
        var failed = slot.Key is { } key ? LeakedKeys.HashOf(key) : old.Tags.GetValueOrDefault(RotationTags.PromotedHash);
        return new PlanStep.Write(
            target,
            old.Key,
            failed is null ? tags : tags.Add(RotationTags.ReplacedHash, failed),
            $"{target.Name()} := {old.Text}{(slot.Key is null ? "" : $" in place of …{slot.Key.Id}")}");
    }

    private static PlanStep AfterRestoring(RotationState state, RotationCommand command, string id, SlotState restored)
    {
        var (old, secondary) = (state.Old, state.Secondary);
        if (secondary is { Key: not null, IsRolledBack: false } && LeakedKeys.HashOf(secondary.Key) == restored.Tags.GetValueOrDefault(RotationTags.ReplacedHash))
        {
            return new PlanStep.Tag(
                secondary, RotationTags.Changed(secondary.Tags, RotationTags.State, RotationTags.StateRolledBack), $"tag {secondary.Text} as {RotationTags.StateRolledBack}");
        }

        if (!state.IsSettled && !old.IsEmptied)
        {
            return Settle(command);
        }

        var emptying = old.Rotation == id || restored.Holds(old.Key) ? EmptyOld(state, id, $"its key is back in {restored.Slot.Name()}") : null;
        return emptying
            ?? Finish(state, command, id, RotationRecord.Done, Done($"Rolled back: {restored.Text} serves again. The key that failed stands in {(secondary.IsRolledBack ? "SECONDARY and is not promoted again" : "no slot any more")}."));
    }
}
