using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Rotation;

/// <summary>The key that a leak is about, as the vault's tags name it.</summary>
/// <param name="Hash">The SHA-256 of its value.</param>
internal sealed record LeakMark(string KeyId, string Hash)
{
    public static LeakMark? Of(ImmutableDictionary<string, string> tags) =>
        tags.TryGetValue(RotationTags.ReplacedId, out var id) && tags.TryGetValue(RotationTags.ReplacedHash, out var hash) ? new(id, hash) : null;

    public ImmutableDictionary<string, string> AddTo(ImmutableDictionary<string, string> tags) =>
        tags.SetItem(RotationTags.ReplacedId, KeyId).SetItem(RotationTags.ReplacedHash, Hash);
}

/// <summary>A leak that an earlier run took out of a slot, as far as slots and records still tell.</summary>
/// <param name="IsInPlace">The slot still is as the leak left it.</param>
internal sealed record PastLeak(string Rotation, string KeyId, string Hash, DateTimeOffset At, bool IsInPlace)
{
    /// <summary>For so long the same command again means the same leak: its sixty minutes are not over.</summary>
    private static readonly TimeSpan SameLeak = TimeSpan.FromHours(1);

    /// <summary>For so long a slot that has been filled anew meanwhile is not taken out without a key_id.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromDays(1);

    /// <summary>Which leak the command goes on with: the one of the key that it names, or its slot's last.</summary>
    public static PastLeak? ToResume(RotationState state, SlotState slot, RotationCommand command) => command.KeyId is { } wanted
        ? slot.Key?.Id == wanted ? null : Of(state, null, wanted)
        : Of(state, slot.Slot) is { IsInPlace: true } past && state.Now - past.At < SameLeak ? past : null;

    /// <summary>The last leak of a slot, or of any slot with this key.</summary>
    public static PastLeak? Of(RotationState state, KeySlot? slot, string? keyId = null) => All(state, slot)
        .Where(past => keyId is null || past.KeyId == keyId)
        .OrderBy(past => past.At)
        .LastOrDefault();

    /// <summary>Whether a run that names no key may mean it.</summary>
    public bool Counts(RotationState state) => IsInPlace || state.Now - At < Fresh;

    private static IEnumerable<PastLeak> All(RotationState state, KeySlot? slot)
    {
        foreach (var record in state.Records.Where(record => record.Is(RotationKind.Leak) && (slot is null || record.Slot == slot)))
        {
            var marks = state.Slots.Where(mark => mark.Rotation == record.Id && mark.Leaked is not null).ToList();
            if ((record.Leaked ?? marks.FirstOrDefault()?.Leaked) is { } leaked)
            {
                yield return new(record.Id, leaked.KeyId, leaked.Hash, record.CreatedOn, marks.Any(mark => mark.Slot == record.Slot));
            }
        }
    }
}
