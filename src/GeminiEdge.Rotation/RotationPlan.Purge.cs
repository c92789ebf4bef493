using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Rotation;

// probe the others until one passes → probe OLD → OLD emptied
internal static partial class RotationPlan
{
    private static PlanStep Purge(RotationState state, RotationCommand command)
    {
        var old = state.Old;
        if (old.IsEmptied)
        {
            return EmptyOld(state, command.Id, "") ?? Done(old.Rotation == command.Id ? "OLD is empty now." : "OLD is empty: there is nothing to purge.");
        }

        if (old.IsEmpty)
        {
            return Done("OLD is empty: there is nothing to purge.");
        }

        if (!old.IsExpired(state.Now))
        {
            return Done(old.EndsOn is { } end
                ? $"{old.Text} is kept until {Text(end)}: nothing is due."
                : $"{old.Text} has no expiry: nothing is due until it has one.");
        }

        // 1. Some other slot must work: OLD may be the last that does.
        var others = state.Slots.Where(slot => slot.Slot != KeySlot.Old && slot.Key is not null && !state.Leaked.Contains(slot.Key)).ToList();
        if (!others.Any(slot => state.Probes.TryGetValue(slot.Key!, out var verdict) && verdict == Verdict.Ok))
        {
            return others.FirstOrDefault(slot => !state.Probes.ContainsKey(slot.Key!)) is { } next
                ? Proof(state, next, next.Key!)!
                : Refused($"No other slot holds a key that passes its probe, so {old.Text} stays: store a working key first with `edgectl set PRIMARY`.");
        }

        // 2. Whether Google still takes it is worth knowing, and no reason to keep it.
        if (old.Key is { } key && !state.Probes.ContainsKey(key))
        {
            return Proof(state, old, key)!;
        }

        var works = old.Key is not null && state.Probes[old.Key] == Verdict.Ok && state.HolderOf(old.Key, KeySlot.Old) is null;
        return EmptyOld(state, command.Id, "its time is over")! with
        {
            Warning = (works ? $"The key …{old.Key!.Id} that OLD held still works at Google: delete it there. " : "")
                + "Whether OLD still carried traffic is not known here: look for slot OLD in the gemini_ok lines of the last hour.",
        };
    }
}
