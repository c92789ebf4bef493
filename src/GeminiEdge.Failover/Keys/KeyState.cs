namespace GeminiEdge.Failover.Keys;

/// <summary>Key health, as logs and operators see it. Unknown keys get traffic: only traffic proves them.</summary>
internal enum KeyState
{
    Unknown,
    Healthy,
    CoolingDown,
    Rejected,
}

/// <summary>The states' public names.</summary>
internal static class KeyStates
{
    /// <summary>As in logs and in the fleet register.</summary>
    public static string Name(this KeyState state) => state switch
    {
        KeyState.Healthy => "healthy",
        KeyState.CoolingDown => "cooling_down",
        KeyState.Rejected => "rejected",
        _ => "unknown",
    };
}
