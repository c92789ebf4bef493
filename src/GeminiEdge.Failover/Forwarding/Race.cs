namespace GeminiEdge.Failover.Forwarding;

/// <summary>An attempt that runs beside another one.</summary>
internal sealed record Race(Attempt Attempt, Task Running);
