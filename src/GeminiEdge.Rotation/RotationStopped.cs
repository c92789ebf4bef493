namespace GeminiEdge.Rotation;

/// <summary>The operator stopped a command: what it had done by then, for the record.</summary>
internal sealed class RotationStopped(RotationResult result, Exception cause, CancellationToken cancellationToken)
    : OperationCanceledException("The operator stopped the command.", cause, cancellationToken)
{
    public RotationResult Result => result;
}
