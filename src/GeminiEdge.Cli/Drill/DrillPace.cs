namespace GeminiEdge.Cli.Drill;

/// <summary>How long a drill takes, and how hard it presses.</summary>
/// <param name="RefreshInterval">How often the edges read the vault.</param>
/// <param name="Outage">How long the vault is away.</param>
internal sealed record DrillPace(TimeSpan RefreshInterval, TimeSpan Outage)
{
    public const int Instances = 4;

    /// <summary>The load goes on after the last step until so many requests are sent.</summary>
    public const int LeastRequests = 50_000;

    /// <summary>What the load aims at; a slow machine gets less, and takes longer.</summary>
    public const int RequestsPerSecond = 1_000;

    public static readonly DrillPace Quick = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10));

    /// <summary>The times of production.</summary>
    public static readonly DrillPace Full = new(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2));

    /// <summary>By then every instance has to have read a change.</summary>
    public TimeSpan Bar => 1.3 * RefreshInterval;
}
