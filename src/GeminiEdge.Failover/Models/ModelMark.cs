namespace GeminiEdge.Failover.Models;

/// <summary>
/// Where a piece of an answer speaks of the model, as offsets into its bytes: nothing is copied before somebody wants it.
/// Google's envelope alone counts, never what stands deeper: that a caller can have written.
/// </summary>
internal readonly record struct ModelMark
{
    /// <summary><c>modelVersion</c>, between its quotes; a length of 0 is none.</summary>
    public (int At, int Length) Version { get; init; }

    /// <summary><c>model</c>, as OpenAI's dialect has it.</summary>
    public (int At, int Length) Name { get; init; }

    /// <summary>The object <c>modelStatus</c>; 0 is none.</summary>
    public int StatusAt { get; init; }
}
