using System.Collections.Immutable;

namespace GeminiEdge.Fleet;

/// <summary>The fleet at a moment: who is active, and who of them does not hold the newest ring yet.</summary>
internal sealed record FleetView
{
    /// <summary>Who was seen within this is active; who was not re-reads the keys before it serves.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(2);

    private const int MostNames = 10;

    public DateTimeOffset At { get; private init; }

    /// <summary>The <see cref="RingFingerprint"/> that is the newest one.</summary>
    public string Newest { get; private init; } = "";

    public ImmutableArray<FleetRow> Active { get; private init; } = [];

    public ImmutableArray<FleetRow> Idle { get; private init; } = [];

    /// <summary>The active instances on another ring.</summary>
    public ImmutableArray<FleetRow> Lagging { get; private init; } = [];

    /// <summary>Every active instance holds the newest ring; of an empty register nothing is known.</summary>
    public bool IsConverged => Lagging.IsEmpty && !IsEmpty;

    public bool IsEmpty => Active.IsEmpty && Idle.IsEmpty;

    /// <param name="newest">The <see cref="RingFingerprint"/> of the vault's ring.</param>
    public static FleetView Of(IEnumerable<FleetRow> rows, string newest, DateTimeOffset now)
    {
        var seen = rows.OrderBy(row => row.App, StringComparer.Ordinal).ThenBy(row => row.Instance, StringComparer.Ordinal).ToLookup(row => now - row.LastSeen <= Window);
        return new FleetView { At = now, Newest = newest, Active = [.. seen[true]], Idle = [.. seen[false]], Lagging = [.. seen[true].Where(row => row.Ring != newest)] };
    }

    /// <summary>For people who wait for it: just after a write nobody has read it, and nothing is wrong.</summary>
    public string Progress =>
        $"{Active.Length - Lagging.Length} of {Active.Length} active {Instances(Active.Length)} {(Active.Length == 1 ? "has" : "have")} read it{(Lagging.IsEmpty || Lagging.Length == Active.Length ? "" : $"; not yet: {Names(Lagging)}")}.";

    /// <summary>For people.</summary>
    public string Sentence => this switch
    {
        { IsEmpty: true } => "The fleet register holds no instance, so nothing is proven.",
        { Lagging.IsEmpty: false } => $"Not converged: {Lagging.Length} of {Active.Length} active {Instances(Active.Length)} {(Lagging.Length == 1 ? "lags" : "lag")}: {Names(Lagging)}.{IdleSentence}",
        { Active.IsEmpty: true } => $"Converged: nobody was active in the last two minutes.{IdleSentence}",
        _ => $"Converged: {Active.Length} active {Instances(Active.Length)} {(Active.Length == 1 ? "holds" : "hold")} the newest ring.{IdleSentence}",
    };

    private string IdleSentence => Idle.Length switch
    {
        0 => "",
        1 => " 1 idle instance re-reads the keys before it serves.",
        var count => $" {count} idle instances re-read the keys before they serve.",
    };

    private static string Instances(int count) => count == 1 ? "instance" : "instances";

    private static string Names(ImmutableArray<FleetRow> rows) =>
        string.Join(", ", rows.Take(MostNames).Select(row => row.ShortName)) + (rows.Length > MostNames ? $" and {rows.Length - MostNames} more" : "");
}
