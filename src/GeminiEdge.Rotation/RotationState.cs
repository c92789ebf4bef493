using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Rotation;

/// <summary>What the vault holds, and what this run found out on its way: all that a plan is made from.</summary>
internal sealed partial record RotationState
{
    /// <summary>All slots in ring order.</summary>
    public required ImmutableArray<SlotState> Slots { get; init; }

    /// <summary>The enabled versions of OLD before its newest.</summary>
    public ImmutableArray<string> EarlierOld { get; init; } = [];

    public LeakedKeys Leaked { get; init; } = LeakedKeys.None;

    /// <summary>Why the list of leaked keys can't be read: nobody knows then whether a key may be written.</summary>
    public string? LeakedTrouble { get; init; }

    /// <summary>What stands beside the list's value.</summary>
    public SecretTerms LeakedTerms { get; init; } = SecretTerms.None;

    /// <summary>With that trouble: how many of the list's versions can't be read; <see cref="Leaked"/> is what the others hold.</summary>
    public int LeakedUnread { get; init; }

    /// <summary>The enabled earlier versions that hold the leaked key; null until this run has looked for them, and again once it has written a slot.</summary>
    public ImmutableArray<SlotVersion>? Found { get; init; }

    /// <summary>In the order they were written.</summary>
    public ImmutableArray<RotationRecord> Records { get; init; } = [];

    public required DateTimeOffset Now { get; init; }

    /// <summary>What this run's probes found.</summary>
    public ImmutableDictionary<ApiKey, Verdict> Probes { get; init; } = ImmutableDictionary<ApiKey, Verdict>.Empty;

    /// <summary>This run has waited for the edges since it last wrote a slot.</summary>
    public bool IsSettled { get; init; }

    public SlotState this[KeySlot slot] => Slots[(int)slot];

    public SlotState Old => this[KeySlot.Old];

    public SlotState Secondary => this[KeySlot.Secondary];

    /// <summary>The other slot that holds the key.</summary>
    public SlotState? HolderOf(ApiKey? key, params ReadOnlySpan<KeySlot> otherThan)
    {
        foreach (var slot in Slots)
        {
            if (slot.Holds(key) && !otherThan.Contains(slot.Slot))
            {
                return slot;
            }
        }

        return null;
    }

    /// <summary>The record of a rotation that is not over.</summary>
    public RotationRecord? Unfinished(string? id) =>
        Records.LastOrDefault(record => record.Id == id) is { } last && !Records.Any(record => record.Id == id && record.EndsRotation) ? last : null;

    /// <summary>The slot whose newest version is another one.</summary>
    public SlotState? FirstChangeSince(RotationState before)
    {
        foreach (var slot in Slots)
        {
            if (slot.Version != before[slot.Slot].Version)
            {
                return slot;
            }
        }

        return null;
    }
}
