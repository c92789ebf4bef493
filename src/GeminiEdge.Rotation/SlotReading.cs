using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Rotation;

/// <summary>The slots as they are, or why they could not be read.</summary>
internal sealed record SlotReading
{
    /// <summary>Why they could not be read.</summary>
    public RotationResult? Failure { get; init; }

    /// <summary>All slots in ring order; none when they could not be read.</summary>
    public ImmutableArray<SlotState> Slots { get; init; } = [];

    /// <summary>The rotations' records, in the order they were written.</summary>
    public ImmutableArray<RotationRecord> Records { get; init; } = [];

    public LeakedKeys Leaked { get; init; } = LeakedKeys.None;
}
