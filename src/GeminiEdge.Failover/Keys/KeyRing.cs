using System.Collections.Immutable;

namespace GeminiEdge.Failover.Keys;

/// <summary>The immutable, ordered snapshot of the keys an instance knows; values are distinct.</summary>
internal sealed record KeyRing(ImmutableArray<RingKey> Keys)
{
    public static readonly KeyRing Empty = new([]);

    /// <summary>Same slots, values and versions: nothing to swap.</summary>
    public bool SameAs(KeyRing other) =>
        Keys.AsSpan().SequenceEqual(other.Keys.AsSpan());

    /// <summary>At least one key is good for something that it is used for.</summary>
    public bool HasAvailableKey => Keys.Any(key => key.Health.IsUp);

    /// <summary>The key with these last four characters.</summary>
    public RingKey? FindById(string keyId) => Keys.FirstOrDefault(key => key.Id == keyId);
}
