using GeminiEdge.Keys;

namespace GeminiEdge.Rotation;

/// <summary>What an operator wants done.</summary>
internal enum RotationKind
{
    Promote,
    Rollback,
    Set,
    Purge,
}

/// <summary>One run of a command.</summary>
/// <param name="Kind">What is wanted.</param>
/// <param name="Id">Names the run, and the rotation it begins.</param>
internal sealed record RotationCommand(RotationKind Kind, string Id)
{
    /// <summary>The slot to promote or set; rollback and purge find theirs in the vault.</summary>
    public KeySlot? Slot { get; init; }

    /// <summary>The key to set.</summary>
    public ApiKey? Key { get; init; }

    /// <summary>An unexpired OLD may be lost.</summary>
    public bool ReplaceOld { get; init; }

    /// <summary>How long the edges take to read what was written.</summary>
    public TimeSpan Settling { get; init; }

    /// <summary>A fleet register tells when they have.</summary>
    public bool HasRegister { get; init; }

    /// <summary>An emergency does not wait for the one who may have caused it.</summary>
    public bool TakesOver => Kind == RotationKind.Rollback;

    public string Name => NameOf(Kind);

    public static string NameOf(RotationKind kind) => kind switch
    {
        RotationKind.Promote => "promote",
        RotationKind.Rollback => "rollback",
        RotationKind.Set => "set",
        _ => "purge",
    };
}
