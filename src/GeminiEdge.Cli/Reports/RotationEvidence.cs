using System.Globalization;
using GeminiEdge.Cli.GoogleApiKeys;
using GeminiEdge.Cli.Leak;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Fleet;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Reports;

/// <summary>One command for an audit: who, when, which keys by their last four characters, and what was proven.</summary>
/// <param name="AtEnd">The fleet register at the end; null without one.</param>
internal sealed record RotationEvidence(
    string Command, string Operator, Uri Vault, DateTimeOffset Started, DateTimeOffset Ended, bool DryRun, RotationResult Result, LeakFacts? Leak, FleetEvidence? AtEnd)
{
    // Without a register nobody can say more, and a record must not seem to.
    private const string Unproven = "unproven: no fleet register was read; the time was waited in which every edge reads the vault";
    private const string UnknownUse = "unknown: no fleet register was read for it";

    /// <summary>Something was begun.</summary>
    private bool HasBegun => Result.RotationId is not null && !DryRun;

    /// <summary>The instances when the command last waited for them; if it didn't, at its end.</summary>
    public FleetView? Fleet => HasBegun ? Result.Fleet ?? AtEnd?.View : null;

    /// <summary>The key that the command took out of its place; null when it took none.</summary>
    public string? FormerKeyId => !HasBegun ? null
        : Leak?.KeyId ?? Result.Leaked?.Id
        ?? (Result.Watched is { Numbers.Promotion: var promotion }
            ? (Holds(promotion.Slot, promotion.KeyId) ? promotion.FormerId : promotion.KeyId)
            : OfThePlace());

    public IEnumerable<(string Name, string? Value)> Facts() =>
    [
        ("command", Command),
        ("operator", Operator),
        ("vault", Vault.AbsoluteUri),
        ("started", Text(Started)),
        ("ended", Text(Ended)),
        ("rotation", Result.RotationId),
        ("outcome", ExitCode.NameOf(Result.Outcome)),
        ("message", Result.Message),
        ("convergence", HasBegun ? Result.Convergence ?? AtEnd?.View?.Sentence ?? (AtEnd is null ? Unproven : $"unknown: {AtEnd.Failure ?? "the vault could not be read"}") : null),
        ("former_key_id", FormerKeyId),
        ("last_use_of_the_former_key", FormerKeyId is { } former ? Leak?.LastUseText ?? AtEnd?.LastUseOf(former, Ended) ?? UnknownUse : null),
        ("proof_that_it_stopped_working", ProofOfItsEnd()),
    ];

    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A time that is known to the minute.</summary>
    public static string MinuteText(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);

    private string? ProofOfItsEnd()
    {
        if (Leak is not null)
        {
            return Leak.LastVerdict is { } last ? $"{(KeyRetirement.IsDead(last) ? "" : "none: ")}Google's last answer to …{Leak.KeyId}: {Consequence.Of(last).Name}" : "none: the key was not asked";
        }

        if (FormerKeyId is not { } former)
        {
            return null;
        }

        var answers = Result.Probes.Where(probe => probe.Key.Id == former).Select(probe => probe.Value).ToList();
        return answers.FindIndex(answer => KeyRetirement.IsDead(answer)) is >= 0 and var dead ? $"Google's answer to …{former}: {Consequence.Of(answers[dead]).Name}"
            : AtEnd?.RejectingInstances(former) is > 0 and var rejecting ? $"{rejecting} of {AtEnd.Rows.Length} instances hold …{former} rejected, by Google's answers in traffic"
            : After(KeySlot.Old) is { Key: { } old, ExpiresOn: { } end } && old.Id == former ? $"none: OLD keeps …{former} until {Text(end)}, for a rollback"
            : answers is [var answer, ..] ? $"none: Google's answer to …{former}: {Consequence.Of(answer).Name}"
            : $"none: …{former} was not asked";
    }

    /// <summary>Which key stood where the command has put another one.</summary>
    private string? OfThePlace()
    {
        if (Result.After is not { } after
            || after.FirstOrDefault(slot => slot.Rotation == Result.RotationId && (slot.Is(RotationTags.StatePromoted) || slot.Is(RotationTags.StateRestored))) is not { } place)
        {
            return null;
        }

        // A run that resumed another's finds the slot changed already.
        var before = Result.Before is { } slots && slots[(int)place.Slot] is { Key: { } key } && !place.Holds(key) ? key : null;
        return (before
            ?? (place.Is(RotationTags.StatePromoted) && After(KeySlot.Old) is { } old && old.Rotation == place.Rotation ? old.Key
                : place.Is(RotationTags.StateRestored) && After(KeySlot.Secondary) is { IsRolledBack: true } failed ? failed.Key
                : null))?.Id;
    }

    private SlotState? After(KeySlot slot) => Result.After is { } slots ? slots[(int)slot] : null;

    private bool Holds(KeySlot slot, string keyId) => After(slot)?.Key?.Id == keyId;
}
