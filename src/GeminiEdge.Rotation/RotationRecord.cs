using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Rotation;

/// <summary>
/// A version of the rotation secret: one run's lock while it lives, and afterwards what is known of it.
/// </summary>
internal sealed record RotationRecord(string Version, DateTimeOffset CreatedOn, ImmutableDictionary<string, string> Tags)
{
    public string? ContentType { get; init; }

    /// <summary>The Key Vault secret that holds the records.</summary>
    public const string Secret = RotationSecret.Name;

    /// <summary>All that was begun has been done.</summary>
    public const string Done = "done";

    /// <summary>What was begun was taken back.</summary>
    public const string Abandoned = "abandoned";

    /// <summary>What was begun has been overtaken by other changes.</summary>
    public const string Superseded = "superseded";

    public string Id => Tag(RotationTags.Id) ?? "";

    public string Operator => Tag(RotationTags.Operator) ?? "somebody";

    public string Command => Tag(RotationTags.Command) ?? "";

    public KeySlot? Slot => Tag(RotationTags.Slot) is { } name ? KeySlots.Parse(name) : null;

    /// <summary>The key that a finished leak took out.</summary>
    public LeakMark? Leaked => LeakMark.Of(Tags);

    public bool TakesOver => Tags.ContainsKey(RotationTags.TakesOver);

    /// <summary>A higher one takes the lock from a lower one.</summary>
    public int Rank => TakesOver ? RotationCommand.RankOf(Command) : 0;

    public DateTimeOffset Expiry => RotationTags.Time(Tag(RotationTags.Expiry)) ?? DateTimeOffset.MinValue;

    /// <summary>Nothing of the rotation is left to do; a run that was merely refused leaves another's rotation unfinished.</summary>
    public bool EndsRotation => Tag(RotationTags.Released) is Done or Abandoned or Superseded;

    /// <summary>Its run may still write.</summary>
    public bool IsLive(DateTimeOffset now) => !Tags.ContainsKey(RotationTags.Released) && Expiry > now;

    /// <summary>The one who may write: of the live records the earliest, and before all others the earliest of those that take over.</summary>
    public static RotationRecord? Holder(IEnumerable<RotationRecord> records, DateTimeOffset now) => records
        .Where(record => record.IsLive(now))
        .OrderByDescending(record => record.Rank)
        .ThenBy(record => record.CreatedOn)
        .ThenBy(record => record.Version, StringComparer.Ordinal)
        .FirstOrDefault();

    public bool Is(RotationKind kind) => Command == RotationCommand.NameOf(kind);

    public RotationRecord Closed(string how) => this with { Tags = Tags.SetItem(RotationTags.Released, how) };

    private string? Tag(string name) => Tags.GetValueOrDefault(name);
}
