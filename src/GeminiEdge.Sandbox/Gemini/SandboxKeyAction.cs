namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Something that can be done to a key by hand.</summary>
/// <param name="Name">The word for it.</param>
/// <param name="Effect">What Google does from then on, for people.</param>
/// <param name="State">The key's state from then on.</param>
public sealed record SandboxKeyAction(string Name, string Effect, SandboxKeyState State)
{
    /// <summary>How long every answer to the key is kept back from then on.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Does it.</summary>
    public void Apply(SandboxKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        (key.State, key.Delay) = (State, Delay);
    }
}
