using System.Globalization;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Rotation;

/// <summary>A promotion that the operator's `rotate` was to watch, and has not watched to the end.</summary>
/// <param name="Duration">How long it was to.</param>
/// <param name="Record">Where that stands.</param>
internal sealed record PendingWatch(Promotion Promotion, TimeSpan Duration, RotationRecord Record)
{
    /// <summary>SECONDARY holds a key that could be promoted next.</summary>
    public required bool HasSuccessor { get; init; }

    /// <returns>Null when there is none, or it could not be rolled back any more.</returns>
    public static PendingWatch? Of(SlotReading reading, string by, DateTimeOffset now)
    {
        if (Promotion.Last(reading) is not { } promotion || reading.Slots[(int)KeySlot.Old].IsExpired(now))
        {
            return null;
        }

        var records = reading.Records.Where(record => record.Id == promotion.Rotation).ToList();
        return records.FirstOrDefault(record => record.Operator == by && record.Tags.ContainsKey(RotationTags.Watch)) is { } wanted
            && TimeSpan.TryParseExact(wanted.Tags[RotationTags.Watch], "c", CultureInfo.InvariantCulture, out var duration)
            && !records.Exists(record => record.Tags.ContainsKey(RotationTags.Watched))
            ? new(promotion, duration, wanted)
            {
                HasSuccessor = reading.Slots[(int)KeySlot.Secondary] is { Key: { } next } && !reading.Slots[(int)promotion.Slot].Holds(next),
            }
            : null;
    }

    /// <summary>As a tag.</summary>
    public static string Text(TimeSpan duration) => duration.ToString("c", CultureInfo.InvariantCulture);

    /// <param name="duration">How long it is to be watched, from the promotion on.</param>
    public TimeSpan Left(TimeSpan duration, DateTimeOffset now) =>
        Promotion.At + duration - now is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
}
