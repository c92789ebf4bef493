using System.Collections.Immutable;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli;

/// <summary>A slot as an operator sees it: what the vault says of it, and what its key answered.</summary>
/// <param name="Slot">What the vault holds.</param>
/// <param name="Mark">What is to be said of the slot whatever its key answers: <c>empty</c>, <c>due</c>, …</param>
/// <param name="MayProbe">It holds a key that edges may send to Google.</param>
internal sealed record SlotView(SlotState Slot, string? Mark, bool MayProbe)
{
    /// <summary>What the key answered; null when it wasn't asked.</summary>
    public ProbeResult? Probe { get; init; }

    /// <summary>Google told an instance that the key is leaked.</summary>
    public bool LeakSeen { get; init; }

    /// <summary>How many active instances are refused it in traffic.</summary>
    public int RejectedBy { get; init; }

    /// <summary>Edges use it, and Google refuses it as a key.</summary>
    public bool IsRefused => MayProbe && (LeakSeen || RejectedBy > 0 || (Probe is { } probe && Consequence.Of(probe.Verdict).KeyIsDead));

    /// <summary>The verdict's public name, <c>healthy</c> for a key that answers.</summary>
    public string? Health => Probe switch
    {
        null => null,
        { Verdict: Verdict.Ok } => "healthy",
        { Verdict: var verdict } => Consequence.Of(verdict).Name,
    };

    /// <summary>All slots in ring order.</summary>
    public static ImmutableArray<SlotView> Of(SlotReading reading, DateTimeOffset now) =>
        [.. reading.Slots.Select(slot => Of(slot, reading, now))];

    private static SlotView Of(SlotState slot, SlotReading reading, DateTimeOffset now) => slot switch
    {
        { Refusal: not null } => new(slot, "unusable", false),
        { Key: null } => new(slot, "empty", false),
        { Key: { } key } when reading.Leaked.Contains(key) => new(slot, "leaked", false),
        { IsRolledBack: true } => new(slot, "rolled-back", true),
        { Slot: KeySlot.Old } when slot.IsExpired(now) => new(slot, "expired", true),
        { Slot: KeySlot.Secondary, Key: { } key } when reading.Slots.Any(other => other.Slot != KeySlot.Secondary && key.Equals(other.Key)) => new(slot, "due", true),
        _ => new(slot, null, true),
    };
}
