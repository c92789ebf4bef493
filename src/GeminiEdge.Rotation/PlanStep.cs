using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Rotation;

/// <summary>The one thing to do next: at most one write to the vault.</summary>
/// <param name="Text">What it does, for people.</param>
internal abstract record PlanStep(string Text)
{
    /// <summary>What the operator should know once it is done.</summary>
    public string? Warning { get; init; }

    /// <summary>Try a key before it is relied on.</summary>
    /// <param name="MayBeNew">Google may not know it everywhere yet.</param>
    public sealed record Probe(KeySlot Slot, ApiKey Key, string? Version, bool MayBeNew)
        : PlanStep($"probe {Slot.Name()} (…{Key.Id})");

    /// <summary>Write a slot's next version; no key empties the slot.</summary>
    public sealed record Write(KeySlot Slot, ApiKey? Key, ImmutableDictionary<string, string> Tags, string Text) : PlanStep(Text)
    {
        public DateTimeOffset? ExpiresOn { get; init; }

        public string? ContentType { get; init; }

        /// <summary>As it is written: with the terms that the vault wants.</summary>
        public Write With(SecretTerms terms) => this with { Tags = terms.Tags, ExpiresOn = terms.ExpiresOn, ContentType = terms.ContentType };
    }

    /// <summary>Change the tags of a slot's newest version.</summary>
    public sealed record Tag(SlotState Slot, ImmutableDictionary<string, string> Tags, string Text) : PlanStep(Text);

    /// <summary>Disable an earlier version of a slot.</summary>
    public sealed record Disable(KeySlot Slot, string Version)
        : PlanStep($"disable {Slot.Name()}'s earlier version {Version[..Math.Min(8, Version.Length)]}");

    /// <summary>Put a key, by the SHA-256 of its value, on the list of those that enter no ring.</summary>
    public sealed record List(string Hash, string KeyId) : PlanStep($"put …{KeyId} on the list of leaked keys");

    /// <summary>Look for the leaked key in the slots' earlier versions that can still be read.</summary>
    public sealed record Search(string Hash, string KeyId) : PlanStep($"look for …{KeyId} in earlier versions");

    /// <summary>Wait until every edge has read what was written.</summary>
    /// <param name="HasRegister">The fleet register tells when they have; otherwise it takes this time.</param>
    public sealed record Settle(TimeSpan Time, bool HasRegister = false)
        : PlanStep(HasRegister ? "wait until every active edge has read it" : $"wait {Time.TotalSeconds:0} s until every edge has read it");

    /// <summary>Note that an earlier run's rotation is over.</summary>
    public sealed record Close(RotationRecord Record, string How)
        : PlanStep($"close the unfinished {Record.Command} {Record.Id}: {How}");

    /// <summary>Nothing is left to do, or nothing may be done.</summary>
    public sealed record End(RotationOutcome Outcome, string Message) : PlanStep(Message)
    {
        /// <summary>The earlier run's rotation that this run resumed and brought to its end.</summary>
        public string? RotationId { get; init; }

        /// <summary>The key that a leak has taken out.</summary>
        public LeakMark? Leaked { get; init; }

        /// <summary>With a key that stands in no slot yet, it could be done.</summary>
        public bool NeedsKey { get; init; }
    }
}
