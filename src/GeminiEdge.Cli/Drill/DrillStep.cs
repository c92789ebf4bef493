using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Drill;

/// <summary>One thing that was done in the drill, and how each instance came to know it.</summary>
/// <param name="Name">What was done.</param>
/// <param name="At">When: of a command, when it wrote the slot it is about.</param>
/// <param name="Sign">The sign that an instance has taken it in.</param>
/// <param name="Reached">When an instance gave that sign.</param>
internal sealed record DrillStep(string Name, DateTimeOffset At, string Sign, Func<EdgeInstance, DateTimeOffset?> Reached)
{
    /// <summary>The operator's command; null when there was none.</summary>
    public RotationResult? Command { get; init; }

    /// <summary>How many instances noticed; only where noticing is a matter of its own.</summary>
    public int? Noticed { get; init; }
}
