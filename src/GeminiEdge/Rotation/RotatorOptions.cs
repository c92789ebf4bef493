namespace GeminiEdge.Rotation;

/// <summary>Who rotates, and how.</summary>
internal sealed record RotatorOptions
{
    /// <summary>Who, for the lock: <c>anna@laptop</c>.</summary>
    public required string Operator { get; init; }

    /// <summary>How often the edges read the vault. The default is 30 seconds, theirs.</summary>
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Reads and probes, and writes nothing. The default is false.</summary>
    public bool DryRun { get; init; }

    /// <summary>After this long every edge has read what was written, their jitter included.</summary>
    public TimeSpan Settling => 1.3 * RefreshInterval;
}
