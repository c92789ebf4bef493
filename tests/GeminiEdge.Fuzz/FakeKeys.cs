using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Fuzz;

/// <summary>Keys that are none, whose letters follow each other in no other text.</summary>
internal static class FakeKeys
{
    public static readonly ApiKey First = ApiKey.Create("Zq7-first-fake-Xw5-key-0001").Key!;

    /// <summary>It ends as the first one does.</summary>
    public static readonly ApiKey Second = ApiKey.Create("Vj4-other-fake-Kx9-key-0001").Key!;

    public static readonly KeyRing Ring = RingOf(First, Second);

    private static readonly ImmutableArray<string> Runs =
    [
        .. new[] { First, Second }.Select(key => key.Reveal())
            .SelectMany(key => Enumerable.Range(0, key.Length - KeyMask.RunLength + 1).Select(start => key.Substring(start, KeyMask.RunLength))),
    ];

    /// <summary>Eight letters of a key follow each other in it.</summary>
    public static bool AreIn(string text) => Runs.Any(run => text.Contains(run, StringComparison.Ordinal));

    private static KeyRing RingOf(params ApiKey[] keys) =>
        new([.. keys.Select((key, slot) => new RingKey((KeySlot)slot, key, null, new KeyHealth(StillTime.Provider)))]);
}
