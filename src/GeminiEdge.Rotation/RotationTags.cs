using System.Collections.Immutable;
using System.Globalization;

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

    // On records.
    public const string Id = "id";
    public const string Operator = "operator";
    public const string Command = "command";
    public const string Slot = "slot";
    public const string Expiry = "expiry";
    public const string TakesOver = "takes-over";
    public const string Released = "released";
    public const string Baseline = "baseline";
    public const string Watch = "watch";
    public const string Watched = "watched";

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    public static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>The tags of a version that a rotation wrote.</summary>
    public static ImmutableDictionary<string, string> Of(string rotation, string state, DateTimeOffset now) =>
        ImmutableDictionary<string, string>.Empty.Add(Rotation, rotation).Add(State, state).Add(At, Time(now));
}
