using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

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

        // 2. What an earlier run took out is not taken out again, but looked after: the rest of its sixty minutes may be due.
        var slot = state[command.Slot!.Value];
        if (PastLeak.ToResume(state, slot, command) is { } past)
        {
            return Contain(state, command, id, past.Hash, past.KeyId, past);
        }

        // 3. What must hold before anything is written.
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
        { Key: { } key } when command.KeyId is { } wanted && wanted != key.Id => $"{slot.Text} holds another key than …{wanted}: nothing was done. {Elsewhere(state, wanted)}",

        // A second run must not burn the key that came into the place of the leaked one.
        { Key: { } key } when command.KeyId is null && PastLeak.Of(state, slot.Slot) is { } past && past.Counts(state) =>
            $"The leaked key …{past.KeyId} has left {slot.Slot.Name()} already, and …{key.Id} stands there now. `edgectl leak {slot.Slot.Name()} --key-id {past.KeyId}` does what is left of it. Has …{key.Id} leaked too? Then it is --key-id {key.Id}.",
        _ => null,
    };

    private static string Elsewhere(RotationState state, string keyId) => state.Slots.FirstOrDefault(slot => slot.Key?.Id == keyId) is { } holder
        ? $"{holder.Slot.Name()} holds it: `edgectl leak {holder.Slot.Name()} --key-id {keyId}`."
        : $"No slot holds it. `edgectl retire {(keyId.StartsWith('-') ? "-- " : "")}{keyId}` deletes it at Google; the SHA-256 of its value, added to {LeakedKeys.Secret}, keeps it out of every ring.";

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
            target, standby, Mark(state, id, RotationTags.StateReplacement, LeakedKeys.HashOf(leaked), leaked.Id), $"{target.Name()} := {text} in place of …{state[target].Key?.Id}")
        {
            // OLD's date is that of its day, not of its key.
            ExpiresOn = state.HolderOf(standby, KeySlot.Old)?.ExpiresOn,
        };
    }

    /// <summary>What is left to do once the ring has a key without the leaked one.</summary>
    /// <param name="past">The leak that an earlier run brought to its end.</param>
    private static PlanStep Contain(RotationState state, RotationCommand command, string id, string hash, string keyId, PastLeak? past = null)
    {
        // A list that can't be read would keep no key out of an edge that starts now; a new version of it does.
        if (state.LeakedTrouble is not null || !state.Leaked.Contains(hash))
        {
            return new PlanStep.List(hash, keyId) { Warning = state.LeakedTrouble is null ? null : Rewritten(state, keyId) };
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

        if (!state.IsSettled)
        {
            return Settle(command);
        }

        var end = Done($"The leaked key …{keyId} stands in no slot and no readable version, and enters no ring any more.{(past is null ? "" : Stays(state, command))}");
        return Finish(state, command, id, RotationRecord.Done, end with { Leaked = new LeakMark(keyId, hash), RotationId = past?.Rotation });
    }

    /// <summary>What a run that resumes did not do, and somebody may have meant.</summary>
    private static string Stays(RotationState state, RotationCommand command) => state[command.Slot!.Value] is { Key: { } key } slot
        ? $" It had left before; …{key.Id}, which stands in {slot.Slot.Name()} now, was not touched: if it has leaked too, run it with --key-id {key.Id}."
        : " It had left before.";

    private static string Rewritten(RotationState state, string keyId) =>
        $"The list {LeakedKeys.Secret} could not be read. A new version of it holds …{keyId} and the {state.Leaked.Count} hashes that its earlier, readable versions held. What only the {state.LeakedUnread} unreadable {(state.LeakedUnread == 1 ? "version" : "versions")} held is lost to it: enable {(state.LeakedUnread == 1 ? "it" : "them")}, and add those hashes.";

    private static ImmutableDictionary<string, string> Mark(RotationState state, string id, string kind, string hash, string keyId) =>
        RotationTags.Of(id, kind, state.Now).Add(RotationTags.ReplacedHash, hash).Add(RotationTags.ReplacedId, keyId);
}
