using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Rotation;

// probe SECONDARY → OLD := slot → slot := SECONDARY → settled
internal static partial class RotationPlan
{
    private const string NewSecondaryIsDue = " A new SECONDARY is due: store one with `edgectl set SECONDARY`.";

    /// <param name="id">This run's promotion, or an earlier one that is unfinished.</param>
    private static PlanStep Promote(RotationState state, RotationCommand command, string id, KeySlot target)
    {
        if (target is KeySlot.Secondary or KeySlot.Old)
        {
            return Refused($"{target.Name()} can't be promoted to: name PRIMARY or one of 3…9.");
        }

        // 1. What this promotion has done already.
        var (slot, old, secondary) = (state[target], state.Old, state.Secondary);
        if (slot.Rotation == id)
        {
            return state.IsSettled
                ? Finish(state, command, id, RotationRecord.Done, Done($"SECONDARY is promoted: {slot.Text} serves now.{NewSecondaryIsDue}"))
                : Settle(command);
        }

        var begun = old.Rotation == id;
        if (begun && !old.IsTakenBack && !old.Holds(slot.Key))
        {
            return Finish(state, command, id, RotationRecord.Superseded, new PlanStep.End(RotationOutcome.Failed, $"{target.Name()} was changed meanwhile: run it again."));
        }

        if (begun && (old.IsTakenBack || Obstacle(state, slot) is not null || IsInTheWay(state, command, target)))
        {
            // OLD only doubles the slot yet, so nothing is lost with it.
            return TakeBackOld(state, id, $"{target.Name()} keeps its key, because SECONDARY can't be promoted any more")
                ?? Finish(state, command, id, RotationRecord.Abandoned, Refused($"The promotion was taken back: {Obstacle(state, slot) ?? "SECONDARY can't be promoted any more."}"));
        }

        // 2. What must hold before anything is written.
        if ((state.LeakedTrouble ?? Obstacle(state, slot)) is { } obstacle)
        {
            return Refused(obstacle);
        }

        // A key that must enter no ring is not kept.
        var keeps = !begun && slot.Key is not null && !state.Leaked.Contains(slot.Key);
        if (keeps && !command.ReplaceOld && IsOnlyInOld(state))
        {
            return Refused($"{old.Text} is kept until {(old.EndsOn is { } end ? Text(end) : "somebody sets its expiry")} and stands in no other slot: wait, roll back, or lose it with --replace-old.");
        }

        if (Proof(state, secondary, secondary.Key!) is { } unproven)
        {
            return unproven;
        }

        // 3. The two writes.
        if (keeps)
        {
            var end = DateTimeOffset.FromUnixTimeSeconds((state.Now + OldLifetime).ToUnixTimeSeconds());
            var tags = RotationTags.Of(id, RotationTags.StateOld, state.Now).Add(RotationTags.PromotedFrom, target.Name())
                .Add(RotationTags.PromotedHash, LeakedKeys.HashOf(secondary.Key!));
            return new PlanStep.Write(KeySlot.Old, slot.Key, tags, $"OLD := {slot.Text}, kept until {Text(end)}") { ExpiresOn = end };
        }

        return new PlanStep.Write(target, secondary.Key, RotationTags.Of(id, RotationTags.StatePromoted, state.Now), $"{target.Name()} := {secondary.Text}")
        {
            ExpiresOn = secondary.ExpiresOn,
        };
    }

    /// <summary>Another command waits for this promotion, and nobody can say whether its key works: an emergency must not wait for that.</summary>
    private static bool IsInTheWay(RotationState state, RotationCommand command, KeySlot target) =>
        (command.Kind != RotationKind.Promote || (command.Slot ?? KeySlot.Primary) != target)
        && state.Secondary.Key is { } key && state.Probes.TryGetValue(key, out var verdict) && verdict != Verdict.Ok;

    /// <summary>Why SECONDARY is not to be promoted to the slot, whatever Google says of it.</summary>
    private static string? Obstacle(RotationState state, SlotState slot)
    {
        var secondary = state.Secondary;
        return secondary.Key switch
        {
            null when secondary.IsEmpty => "SECONDARY is empty: store a key there with `edgectl set SECONDARY`.",
            null => $"The value of {secondary.Slot.Secret()} {secondary.Refusal}.",
            var key when state.Leaked.Contains(key) => $"{secondary.Text} is on the list of leaked keys: store another one with `edgectl set SECONDARY`.",
            _ when secondary.IsRolledBack => $"{secondary.Text} was rolled back: store another one with `edgectl set SECONDARY`.",
            var key when state.HolderOf(key, KeySlot.Secondary, KeySlot.Old) is { } holder =>
                $"SECONDARY holds the key of {holder.Text}, so there is nothing to promote.{NewSecondaryIsDue}",
            var key when state.Probes.TryGetValue(key, out var verdict) && IsConclusive(verdict) =>
                $"{secondary.Text} fails its probe with {Consequence.Of(verdict).Name}: store another one with `edgectl set SECONDARY`.",
            _ => null,
        };
    }

    /// <summary>OLD is still to be kept, and overwriting it would leave its key in no slot.</summary>
    private static bool IsOnlyInOld(RotationState state) =>
        state.Old.Key is { } key && !state.Old.IsExpired(state.Now) && !state.Leaked.Contains(key) && state.HolderOf(key, KeySlot.Old) is null;
}
