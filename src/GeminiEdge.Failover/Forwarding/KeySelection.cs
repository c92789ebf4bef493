namespace GeminiEdge.Failover.Forwarding;

/// <summary>Which available key a request begins with.</summary>
internal enum KeySelection
{
    /// <summary>The first in ring order: one key carries the traffic, which keeps Google's prompt cache warm.</summary>
    Ordered,

    /// <summary>Each available key in turn.</summary>
    RoundRobin,
}
