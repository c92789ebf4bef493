namespace GeminiEdge.Sandbox.Gemini;

/// <summary>What can be done to a key by hand, each another way in which keys fail; the same words on the operators' page and in `edgectl sandbox`.</summary>
public static class SandboxKeyActions
{
    /// <summary>Each of them.</summary>
    public static IReadOnlyList<SandboxKeyAction> All { get; } =
    [
        new("kill", "Google refuses the key: it has expired", SandboxKeyState.Expired),
        new("exhaust", "the key's quota is spent: 429", SandboxKeyState.QuotaMinute),

        // Long enough to be seen, and no failure.
        new("slow", "each answer takes three seconds longer", SandboxKeyState.Working) { Delay = TimeSpan.FromSeconds(3) },
        new("leak", "Google blocks the key: it was reported as leaked", SandboxKeyState.Leaked),
        new("revive", "the key works again", SandboxKeyState.Working),
    ];

    /// <summary>Does one by its name.</summary>
    /// <returns>Whether there is such an action.</returns>
    public static bool Apply(SandboxKey key, string name)
    {
        var action = All.FirstOrDefault(action => action.Name == name);
        action?.Apply(key);
        return action is not null;
    }
}
