using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;

namespace GeminiEdge.Rotation;

/// <summary>The last promotion, as the vault's tags tell it.</summary>
/// <param name="Rotation">Its id.</param>
/// <param name="KeyId">The promoted key's last four characters.</param>
/// <param name="FormerId">Those of the key that it replaced.</param>
/// <param name="Before">How the former key did in the half hour before; null when that wasn't saved.</param>
internal sealed record Promotion(string Rotation, KeySlot Slot, string KeyId, string FormerId, DateTimeOffset At, KeyTotals? Before)
{
    /// <summary>The minutes before a promotion that it is compared with.</summary>
    public const int BaselineMinutes = 30;

    /// <returns>Null when no promotion is there that a rollback would undo.</returns>
    public static Promotion? Last(SlotReading reading)
    {
        var old = reading.Slots.FirstOrDefault(slot => slot.Slot == KeySlot.Old);
        var promoted = reading.Slots.FirstOrDefault(slot => slot.Slot == old?.PromotedFrom);
        return old is { Key: not null, Rotation: { } id } && promoted is { Key: not null } && promoted.Rotation == id && promoted.Is(RotationTags.StatePromoted)
            && RotationTags.Time(promoted.Tags.GetValueOrDefault(RotationTags.At)) is { } at
            ? new(id, promoted.Slot, promoted.Key.Id, old.Key.Id, at, Saved(reading, id))
            : null;
    }

    /// <summary>Whether a run of `promote` came as far as that, however it ended: then there is something to watch.</summary>
    public static bool IsWritten(RotationResult promoted, KeySlot slot) => promoted.After is { } slots && Last(new SlotReading { Slots = slots })?.Slot == slot;

    /// <summary>A rollback has brought the former key back, whether it went on from there or not.</summary>
    public bool IsRestored(SlotReading reading) => reading.Slots[(int)Slot] is { Key: { } key } slot && slot.Is(RotationTags.StateRestored) && key.Id == FormerId;

    /// <summary>How the former key did, by the record or, for an hour, by the rows.</summary>
    public KeyTotals Baseline(IEnumerable<FleetRow> rows)
    {
        var minute = KeyTotals.MinuteOf(At);
        return Before ?? KeyTotals.Of(rows, key => key.Slot == Slot.Name() && key.KeyId == FormerId, minute - BaselineMinutes, minute);
    }

    private static KeyTotals? Saved(SlotReading reading, string id) =>
        reading.Records.Where(record => record.Id == id).Select(record => KeyTotals.Parse(record.Tags.GetValueOrDefault(RotationTags.Baseline))).FirstOrDefault(before => before is not null);
}
