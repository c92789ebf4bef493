using System.Collections.Immutable;
using GeminiEdge.Keys;
using GeminiEdge.Verdicts;

namespace GeminiEdge.Rotation;

// probe the standby → PRIMARY := standby, if it holds the leaked key → listed → its other slots emptied
// → its earlier versions disabled → settled
//
// PRIMARY goes before the list. The list takes the key out of every ring with one write, but an edge that has not
// read the standby's slot yet (it may be new, or one of 3…9, which are not read each time) would have no ring at all
// then; PRIMARY it reads together with the list. Where PRIMARY holds another key, the list is the first write.
internal static partial class RotationPlan
{
    /// <param name="id">This run's leak, or an earlier one that is unfinished.</param>
    private static PlanStep Leak(RotationState state, RotationCommand command, string id)
    {
        // 1. What this leak has done already says which key it is about: its slot holds another one by now.
        if (state.Slots.FirstOrDefault(slot => slot.Rotation == id && slot.Tags.ContainsKey(RotationTags.ReplacedHash)) is { } mark)
        {
            return Contain(state, command, id, mark.Tags[RotationTags.ReplacedHash], mark.Tags.GetValueOrDefault(RotationTags.ReplacedId) ?? "");
        }

        // 2. What must hold before anything is written: a list that can't be read can't be added to.
        if (state.LeakedTrouble is { } trouble)
        {
            return Refused(trouble);
        }

        var slot = state[command.Slot!.Value];
        if (WhyNotLeaked(state, slot, command) is { } reason)
        {
            return Refused(reason);
        }

        var key = slot.Key!;
        var others = Standbys(state, key);
        if (others.FirstOrDefault(other => !state.Probes.TryGetValue(other.Key!, out var verdict) || verdict == Verdict.Ok) is { } other)
        {
            return state.Probes.ContainsKey(other.Key!)
                ? Begin(state, command, id, key, other.Key!, other.Text)
                : new PlanStep.Probe(other.Slot, other.Key!, other.Version, MayBeNew: false);
        }

        if (command.Key is not { } fresh)
        {
            return new PlanStep.End(RotationOutcome.Refused, $"No slot holds another key that passes its probe, so a new key is needed before …{key.Id} can go.") { NeedsKey = true };
        }

        if (fresh.Equals(key) || state.Leaked.Contains(fresh))
        {
            return Refused($"The key …{fresh.Id} is a leaked one: make a new one.");
        }

        return Proof(state, new SlotState(KeySlot.Primary), fresh) ?? Begin(state, command, id, key, fresh, $"the new key …{fresh.Id}");
    }

    private static string? WhyNotLeaked(RotationState state, SlotState slot, RotationCommand command) => slot switch
    {
        { Refusal: { } refusal } => $"The value of {slot.Slot.Secret()} {refusal}.",
        { Key: null } => $"{slot.Slot.Name()} is empty: name the slot that holds the leaked key.",
        { Key: { } key } when command.KeyId is { } wanted && wanted != key.Id => $"{slot.Text} holds another key than …{wanted}: nothing was done.",

        // A second run must not burn the key that came into the place of the leaked one.
        { Key: { } key } when command.KeyId is null && LateLeak(state, slot.Slot) is { } keyId =>
            $"The leaked key …{keyId} has left {slot.Slot.Name()} already, and …{key.Id} stands there now; `edgectl retire {keyId}` deletes the leaked one at Google. Has …{key.Id} leaked too? Then add --key-id {key.Id}.",
        _ => null,
    };

    /// <summary>Which key a leak of this slot took out, as far as a slot still says so: the leak may have been finished days after it began.</summary>
    private static string? LateLeak(RotationState state, KeySlot slot) => state.Slots
        .Where(mark => mark.Tags.ContainsKey(RotationTags.ReplacedId)
            && state.Records.Any(record => record.Id == mark.Rotation && record.Is(RotationKind.Leak) && record.Slot == slot))
        .Select(mark => mark.Tags[RotationTags.ReplacedId])
        .FirstOrDefault();

    /// <summary>Other keys, in ring order; one that was rolled back failed in traffic, whatever its probe says, and comes last.</summary>
    private static IEnumerable<SlotState> Standbys(RotationState state, ApiKey leaked) => state.Slots
        .Where(slot => slot.Key is not null && !slot.Holds(leaked) && !state.Leaked.Contains(slot.Key))
        .OrderBy(slot => slot.IsRolledBack)
        .DistinctBy(slot => slot.Key);

    /// <summary>The first write, once the standby is proven.</summary>
    private static PlanStep Begin(RotationState state, RotationCommand command, string id, ApiKey leaked, ApiKey standby, string text)
    {
        var first = state.Slots.First(slot => slot.Holds(leaked)).Slot;
        if (first != KeySlot.Primary && state.HolderOf(standby) is not null)
        {
            return Contain(state, command, id, LeakedKeys.HashOf(leaked), leaked.Id);
        }

        // What stands in OLD ends with it.
        var target = first == KeySlot.Old ? KeySlot.Primary : first;
        return new PlanStep.Write(
            target, standby, Mark(state, id, RotationTags.StateReplacement, LeakedKeys.HashOf(leaked), leaked.Id), $"{target.Name()} := {text} in place of …{state[target].Key?.Id}");
    }

    /// <summary>What is left to do once the ring has a key without the leaked one.</summary>
    private static PlanStep Contain(RotationState state, RotationCommand command, string id, string hash, string keyId)
    {
        if (state.LeakedTrouble is { } trouble)
        {
            return Refused($"{trouble} Then run it again.");
        }

        if (!state.Leaked.Contains(hash))
        {
            return new PlanStep.List(hash, keyId);
        }

        if (state.Slots.FirstOrDefault(slot => slot.Key is { } key && LeakedKeys.HashOf(key) == hash) is { } holder)
        {
            return new PlanStep.Write(holder.Slot, null, Mark(state, id, RotationTags.StateEmpty, hash, keyId), $"empty {holder.Text}: it holds the leaked key");
        }

        if (state.Found is not { } found)
        {
            return new PlanStep.Search(hash, keyId);
        }

        if (found is [var version, ..])
        {
            return new PlanStep.Disable(version.Slot, version.Version);
        }

        return state.IsSettled
            ? Finish(state, command, id, RotationRecord.Done, Done($"The leaked key …{keyId} stands in no slot and no readable version, and enters no ring any more.{(IsSecondaryDue(state) ? NewSecondaryIsDue : "")}"))
            : Settle(command);
    }

    private static bool IsSecondaryDue(RotationState state) => state.Secondary.Key is not { } key || state.HolderOf(key, KeySlot.Secondary) is not null;

    private static ImmutableDictionary<string, string> Mark(RotationState state, string id, string kind, string hash, string keyId) =>
        RotationTags.Of(id, kind, state.Now).Add(RotationTags.ReplacedHash, hash).Add(RotationTags.ReplacedId, keyId);
}
