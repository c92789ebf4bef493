namespace GeminiEdge.Rotation;

/// <summary>One thing a command did, or would do, in words.</summary>
internal sealed record RotationStep(string Text)
{
    /// <summary>When it was done; null of what would be.</summary>
    public DateTimeOffset? At { get; init; }
}
