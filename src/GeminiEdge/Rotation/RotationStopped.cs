namespace GeminiEdge.Rotation;

/// <summary>The operator stopped a run; what it had done by then goes into the record all the same.</summary>
internal sealed class RotationStopped(RotationResult soFar, Exception cause, CancellationToken cancellationToken)
    : OperationCanceledException("The operator stopped the run.", cause, cancellationToken)
{
    public RotationResult SoFar => soFar;
}
