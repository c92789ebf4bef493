namespace GeminiEdge.Failover.Forwarding;

/// <summary>A body holds more bytes than it may, seen while it was inflated.</summary>
internal sealed class BodyTooLargeException() : IOException("The body is larger than it may be.");
