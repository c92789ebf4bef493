using GeminiEdge.Fleet;

namespace GeminiEdge.Rotation;

/// <summary>Who rotates, and how.</summary>
internal sealed record RotatorOptions
{
    // An instance that was used for the last time just before, and a row's delay.
    private static readonly TimeSpan LeastPatience = FleetView.Window + FleetReporter.Interval;

    /// <summary>Who, for the lock: <c>anna@laptop</c>.</summary>
    public required string Operator { get; init; }

    /// <summary>How often the edges read the vault. The default is 30 seconds, theirs.</summary>
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The day on which expires what is written. The default is null: what the vault's policy demands.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>The longest that anything written lives. The default is null: the same.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Reads and probes, and writes nothing. The default is false.</summary>
    public bool DryRun { get; init; }

    /// <summary>Reads the fleet register. The default is null: there is none.</summary>
    public Func<CancellationToken, Task<FleetReading>>? Fleet { get; init; }

    /// <summary>Shows what is so for a moment only, such as how long is waited yet; null ends it. The default is null: nobody would see it.</summary>
    public Action<string?>? Moment { get; init; }

    /// <summary>How long the fleet may take to converge: an instance that falls idle meanwhile counts as active for two minutes more.</summary>
    public TimeSpan ConvergenceTimeout => Settling + TimeSpan.FromSeconds(60) is var usual && usual > LeastPatience ? usual : LeastPatience;

    /// <summary>After this long every edge has read what was written, their jitter included.</summary>
    public TimeSpan Settling => 1.3 * RefreshInterval;
}
