namespace GeminiEdge.Tests.Forwarding;

/// <summary>The gate of one key for one kind of call, as the reference remembers it.</summary>
internal sealed class ReferenceGate
{
    public DateTimeOffset Closed { get; set; }

    /// <summary>Until when the try that is under way keeps others out.</summary>
    public DateTimeOffset Held { get; set; }

    public int Closures { get; set; }

    public int Tries { get; set; }

    public bool IsOpen(DateTimeOffset now) => now >= Closed && now >= Held;

    public void Open() => (Closed, Held, Closures) = (default, default, 0);
}
