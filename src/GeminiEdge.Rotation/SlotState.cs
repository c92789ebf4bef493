using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Rotation;

/// <summary>What a slot's newest version holds; a missing or disabled secret is an empty slot.</summary>
internal sealed record SlotState(KeySlot Slot)
{
    /// <summary>Null when there is no readable version.</summary>
    public string? Version { get; init; }

    public ApiKey? Key { get; init; }

    /// <summary>Why the value can't be used: the end of a sentence that begins with its source.</summary>
    public string? Refusal { get; init; }

    public DateTimeOffset? ExpiresOn { get; init; }

    public DateTimeOffset? CreatedOn { get; init; }

    public string? ContentType { get; init; }

    /// <summary>There is a newest version and it may be read.</summary>
    public bool Enabled { get; init; }

    public ImmutableDictionary<string, string> Tags { get; init; } = ImmutableDictionary<string, string>.Empty;

    public bool IsEmpty => Key is null && Refusal is null;

    /// <summary>Emptied by a rotation, and not by hand: what it held before may be disabled.</summary>
    public bool IsEmptied => IsEmpty && Is(RotationTags.StateEmpty);

    /// <summary>OLD only doubled a slot whose promotion came to nothing; what it held before that promotion is still readable.</summary>
    public bool IsTakenBack => IsEmpty && Is(RotationTags.StateTakenBack);

    /// <summary>The key failed after a promotion and must not be promoted again.</summary>
    public bool IsRolledBack => Is(RotationTags.StateRolledBack);

    /// <summary>The slot that held the key before it became OLD.</summary>
    public KeySlot? PromotedFrom => Tags.GetValueOrDefault(RotationTags.PromotedFrom) is { } name ? KeySlots.Parse(name) : null;

    /// <summary>The leaked key that this version took the place of.</summary>
    public LeakMark? Leaked => LeakMark.Of(Tags);

    /// <summary>The rotation that wrote the version.</summary>
    public string? Rotation => Tags.GetValueOrDefault(RotationTags.Rotation);

    /// <summary>For people: the slot and the last four characters of what it holds.</summary>
    public string Text => Key is null ? Slot.Name() : $"{Slot.Name()} (…{Key.Id})";

    /// <summary>When its time is over: of an OLD whose expiry a policy made longer, the day that a promotion gave it.</summary>
    public DateTimeOffset? EndsOn => RotationTags.Time(Tags.GetValueOrDefault(RotationTags.KeptUntil)) ?? ExpiresOn;

    public bool IsExpired(DateTimeOffset now) => EndsOn <= now;

    public bool Is(string state) => Tags.GetValueOrDefault(RotationTags.State) == state;

    public bool Holds(ApiKey? key) => key is not null && key.Equals(Key);
}
