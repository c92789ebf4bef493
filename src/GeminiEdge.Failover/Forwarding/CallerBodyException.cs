namespace GeminiEdge.Failover.Forwarding;

/// <summary>The caller's body could not be read to its end while it was sent on: the caller's doing, not the upstream's.</summary>
internal sealed class CallerBodyException(Exception inner) : IOException(inner.Message, inner);
