using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Rotation;

/// <summary>The names and values of the tags that rotation writes: what is in the vault is all it remembers.</summary>
internal static class RotationTags
{
    // On slots; the replaced key on a finished leak's record too.
    public const string Rotation = "rotation";
    public const string PromotedFrom = "promoted-from";
    public const string PromotedHash = "promoted-sha256";
    public const string ReplacedHash = "replaced-sha256";
    public const string ReplacedId = "replaced-key-id";
    public const string At = "at";
    public const string State = "state";
    public const string StateOld = "old";
    public const string StatePromoted = "promoted";
    public const string StateRestored = "restored";
    public const string StateRolledBack = "rolled-back";
    public const string StateSet = "set";
    public const string StateReplacement = "replacement";
    public const string StateEmpty = "empty";
    public const string StateTakenBack = "taken-back";
    public const string KeptUntil = "kept-until";

    // On records.
    public const string Id = "id";
    public const string Operator = RotationSecret.Operator;
    public const string Command = RotationSecret.Command;
    public const string Slot = RotationSecret.Slot;
    public const string Expiry = RotationSecret.Expiry;
    public const string TakesOver = "takes-over";
    public const string Released = RotationSecret.Released;
    public const string Baseline = "baseline";
    public const string Watch = "watch";
    public const string Watched = "watched";

    /// <summary>How many tags the vault takes.</summary>
    private const int Most = 15;

    private static readonly FrozenSet<string> OfSlots =
        FrozenSet.Create(StringComparer.Ordinal, Rotation, PromotedFrom, PromotedHash, ReplacedHash, ReplacedId, At, State, KeptUntil);

    private static readonly FrozenSet<string> OfRecords =
        FrozenSet.Create(StringComparer.Ordinal, Id, Operator, Command, Slot, Expiry, TakesOver, Released, Baseline, Watch, Watched, ReplacedHash, ReplacedId);

    private static readonly FrozenSet<string> OfList = FrozenSet.Create(StringComparer.Ordinal, Rotation);

    /// <summary>Our tags on a slot, with those that somebody else gave to its last version.</summary>
    public static ImmutableDictionary<string, string> OnSlot(ImmutableDictionary<string, string> former, ImmutableDictionary<string, string> ours) =>
        Carry(former, ours, OfSlots, room: Most - ours.Count);

    /// <summary>The same version's, with one of ours changed.</summary>
    public static ImmutableDictionary<string, string> Changed(ImmutableDictionary<string, string> tags, string name, string value) =>
        OnSlot(tags, tags.Where(tag => OfSlots.Contains(tag.Key)).ToImmutableDictionary().SetItem(name, value));

    /// <summary>The same on a record, to which more of ours come in its time.</summary>
    public static ImmutableDictionary<string, string> OnRecord(ImmutableDictionary<string, string> former, ImmutableDictionary<string, string> ours) =>
        Carry(former, ours, OfRecords, room: Most - OfRecords.Count);

    public static ImmutableDictionary<string, string> OnList(ImmutableDictionary<string, string> former, ImmutableDictionary<string, string> ours) =>
        Carry(former, ours, OfList, room: Most - ours.Count);

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    public static DateTimeOffset? Time(string? text) => RotationSecret.Time(text);

    /// <summary>The tags of a version that a rotation wrote.</summary>
    public static ImmutableDictionary<string, string> Of(string rotation, string state, DateTimeOffset now) =>
        ImmutableDictionary<string, string>.Empty.Add(Rotation, rotation).Add(State, state).Add(At, Time(now));

    /// <summary>Past the number that the vault takes it refuses them all, and what a rotation is stands in ours.</summary>
    private static ImmutableDictionary<string, string> Carry(ImmutableDictionary<string, string> former, ImmutableDictionary<string, string> ours, FrozenSet<string> own, int room) =>
        ours.SetItems(former.Where(tag => !own.Contains(tag.Key)).OrderBy(tag => tag.Key, StringComparer.Ordinal).Take(room));
}
