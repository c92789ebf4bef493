namespace GeminiEdge.Rotation;

/// <summary>One thing a command did, or would do, in words.</summary>
internal sealed record RotationStep(string Text);
