using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Rotation;

/// <summary>What an operator wants done.</summary>
internal enum RotationKind
{
    Promote,
    Rollback,
    Set,
    Purge,
    Leak,
}

/// <summary>One run of a command.</summary>
/// <param name="Kind">What is wanted.</param>
/// <param name="Id">Names the run, and the rotation it begins.</param>
internal sealed record RotationCommand(RotationKind Kind, string Id)
{
    /// <summary>The slot to promote, to set or whose key has leaked; rollback and purge find theirs in the vault.</summary>
    public KeySlot? Slot { get; init; }

    /// <summary>The key to set, or to put in the place of a leaked one.</summary>
    public ApiKey? Key { get; init; }

    /// <summary>Google has just made that key: if it does not know it yet, nobody has mistyped it.</summary>
    public bool IsJustMade { get; init; }

    /// <summary>By when the key to set is to be replaced; null when nobody said.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>The longest that anything written may live; null when nobody said.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>The last four characters of the leaked key; null where the slot says it all.</summary>
    public string? KeyId { get; init; }

    /// <summary>An unexpired OLD may be lost.</summary>
    public bool ReplaceOld { get; init; }

    /// <summary>How long the promotion is to be watched afterwards; null when nobody said.</summary>
    public TimeSpan? Watch { get; init; }

    /// <summary>How long the edges take to read what was written.</summary>
    public TimeSpan Settling { get; init; }

    /// <summary>A fleet register tells when they have.</summary>
    public bool HasRegister { get; init; }

    /// <summary>An emergency does not wait for the one who may have caused it.</summary>
    public bool TakesOver => RankOf(Name) > 0;

    public string Name => NameOf(Kind);

    public static string NameOf(RotationKind kind) => kind switch
    {
        RotationKind.Promote => "promote",
        RotationKind.Rollback => "rollback",
        RotationKind.Set => "set",
        RotationKind.Leak => "leak",
        _ => "purge",
    };

    /// <summary>Who takes the lock from whom: a rollback from all that is routine, a leak from a rollback too.</summary>
    public static int RankOf(string name) => name switch
    {
        "leak" => 2,
        "rollback" => 1,
        _ => 0,
    };
}
