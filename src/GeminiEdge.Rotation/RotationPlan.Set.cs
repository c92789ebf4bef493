using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Rotation;

// probe the new key → write it
internal static partial class RotationPlan
{
    private static PlanStep Set(RotationState state, RotationCommand command)
    {
        var (slot, key) = (state[command.Slot!.Value], command.Key!);
        var name = slot.Slot.Name();
        if (slot.Slot == KeySlot.Old)
        {
            return Refused("OLD is written by promote alone: name PRIMARY, SECONDARY or one of 3…9.");
        }

        if (slot.Rotation == command.Id)
        {
            return Done($"{slot.Text} is stored. Edges read it within {command.Settling.TotalSeconds:0} s.");
        }

        if (state.LeakedTrouble is { } trouble)
        {
            return Refused(trouble);
        }

        if (state.Leaked.Contains(key))
        {
            return Refused($"The key …{key.Id} is on the list of leaked keys: make a new one.");
        }

        if (state.HolderOf(key, slot.Slot) is { } holder)
        {
            return Refused($"{holder.Text} holds this key already: two slots with one key are one slot less.");
        }

        if (slot.Holds(key) && !slot.IsRolledBack && HasItsDay(slot, command, state.Now))
        {
            return Done($"{slot.Text} holds this key already.");
        }

        if (Proof(state, new SlotState(slot.Slot), key) is { } unproven)
        {
            return unproven;
        }

        return new PlanStep.Write(slot.Slot, key, RotationTags.Of(command.Id, RotationTags.StateSet, state.Now), $"{name} := the new key …{key.Id}")
        {
            ExpiresOn = command.Expires,
            Warning = slot.Slot != KeySlot.Secondary && slot.Key is { } former && !slot.Holds(key)
                ? $"{name}'s former key …{former.Id} is in no slot any more: `set SECONDARY` and `promote` would have kept it for a day."
                : null,
        };
    }

    private static bool HasItsDay(SlotState slot, RotationCommand command, DateTimeOffset now) =>
        command.Expires is { } day ? slot.ExpiresOn == day : command.MaxAge is not { } age || slot.ExpiresOn <= now + age;
}
