using System.Collections.Immutable;

namespace GeminiEdge.Failover.Keys;

/// <summary>A place for a key, in ring order.</summary>
internal enum KeySlot
{
    Primary,
    Secondary,
    Slot3,
    Slot4,
    Slot5,
    Slot6,
    Slot7,
    Slot8,
    Slot9,

    /// <summary>The former PRIMARY, kept for a while: last in the ring, and never in turn.</summary>
    Old,
}

/// <summary>The slots and their public names.</summary>
internal static class KeySlots
{
    private static readonly ImmutableArray<string> Names = ["PRIMARY", "SECONDARY", "3", "4", "5", "6", "7", "8", "9", "OLD"];

    /// <summary>All slots in ring order.</summary>
    public static readonly ImmutableArray<KeySlot> All = [.. Enum.GetValues<KeySlot>()];

    /// <summary>PRIMARY, SECONDARY, 3…9, OLD: as in settings, secrets and logs.</summary>
    public static string Name(this KeySlot slot) => Names[(int)slot];

    /// <summary>The app setting that holds the slot's key.</summary>
    public static string Setting(this KeySlot slot) => $"GEMINI_API_KEY_{slot.Name()}";

    /// <summary>The Key Vault secret that holds the slot's key.</summary>
    public static string Secret(this KeySlot slot) => $"GEMINI-API-KEY-{slot.Name()}";

    /// <summary>The slot of this name, in any case.</summary>
    public static KeySlot? Parse(string name)
    {
        var index = Names.IndexOf(name.Trim(), StringComparer.OrdinalIgnoreCase);
        return index < 0 ? null : (KeySlot)index;
    }
}
