using System.Collections.Immutable;

namespace GeminiEdge.Rotation;

/// <summary>What a command did, for people and for programs.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Message">What happened where, and what to do.</param>
internal sealed record RotationResult(RotationOutcome Outcome, string Message)
{
    /// <summary>Null when nothing was begun.</summary>
    public string? RotationId { get; init; }

    /// <summary>What was done, in order; of a dry run what would be.</summary>
    public ImmutableArray<RotationStep> Steps { get; init; } = [];

    public ImmutableArray<string> Warnings { get; init; } = [];
}
