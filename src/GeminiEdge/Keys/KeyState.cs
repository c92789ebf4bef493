namespace GeminiEdge.Keys;

/// <summary>Key health, as logs and operators see it. Unknown keys get traffic: only traffic proves them.</summary>
internal enum KeyState
{
    Unknown,
    Healthy,
    CoolingDown,
    Rejected,
}
