namespace GeminiEdge.Sandbox.Gemini;

/// <summary>What can be done to a key by hand, each another way in which keys fail; the same words on the operators' page and in `edgectl sandbox`.</summary>
public static class SandboxKeyActions
{
    // Long enough to be seen, and no failure.
    private static readonly TimeSpan Slowness = TimeSpan.FromSeconds(3);

    /// <summary>Each action, and what Google does from then on.</summary>
    public static IReadOnlyList<(string Name, string Effect)> All { get; } =
    [
        ("kill", "Google refuses the key: it has expired"),
        ("exhaust", "the key's quota is spent: 429"),
        ("slow", "each answer takes three seconds longer"),
        ("leak", "Google blocks the key: it was reported as leaked"),
        ("revive", "the key works again"),
    ];

    /// <summary>Does it.</summary>
    /// <returns>Whether there is such an action.</returns>
    public static bool Apply(SandboxKey key, string action)
    {
        (SandboxKeyState State, TimeSpan Delay)? next = action switch
        {
            "kill" => (SandboxKeyState.Expired, TimeSpan.Zero),
            "exhaust" => (SandboxKeyState.QuotaMinute, TimeSpan.Zero),
            "slow" => (SandboxKeyState.Working, Slowness),
            "leak" => (SandboxKeyState.Leaked, TimeSpan.Zero),
            "revive" => (SandboxKeyState.Working, TimeSpan.Zero),
            _ => null,
        };
        if (next is { } chosen)
        {
            (key.State, key.Delay) = chosen;
        }

        return next is not null;
    }
}
