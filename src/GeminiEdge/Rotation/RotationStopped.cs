namespace GeminiEdge.Rotation;

/// <summary>The operator stopped a command: what it had done by then, for the record.</summary>
internal sealed class RotationStopped(RotationResult result, CancellationToken cancellationToken) : OperationCanceledException(cancellationToken)
{
    public RotationResult Result => result;
}
