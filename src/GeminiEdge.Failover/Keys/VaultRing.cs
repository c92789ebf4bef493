using System.Collections.Immutable;

namespace GeminiEdge.Failover.Keys;

/// <summary>
/// What is known of the vault's slots, and which ring follows from a reading. The rules, in the order they win:
/// a leaked key is in no ring; a ring is never exchanged for an empty one; a reading with trouble in it changes
/// nothing, unless there is no ring at all; a value that can't be a key leaves its slot as it was.
/// </summary>
internal sealed class VaultRing
{
    private ImmutableSortedDictionary<KeySlot, SlotValue> _known = ImmutableSortedDictionary<KeySlot, SlotValue>.Empty;
    private LeakedKeys _leaked = LeakedKeys.None;

    /// <summary>The slots that hold a key, as far as is known.</summary>
    public IEnumerable<KeySlot> Known => _known.Keys;

    /// <summary>What was read differs from what was known: other slots may have changed with it.</summary>
    public bool IsNews(VaultReading reading) => !Merge(reading, []).SequenceEqual(_known);

    /// <summary>Takes a reading.</summary>
    /// <param name="reading">What was read.</param>
    /// <param name="current">The keys in use, from whatever source.</param>
    /// <param name="now">For <c>exp</c>.</param>
    public VaultRingChange Take(VaultReading reading, ImmutableArray<SlotValue> current, DateTimeOffset now)
    {
        var warnings = new List<string>();
        // Of a list that was disabled or can't be read nothing is known to be wrong: its keys stay out.
        var leaked = reading.Leaked switch
        {
            { Text: { } text } => LeakedKeys.Parse(text),
            { Trouble: null, IsDisabled: false } => LeakedKeys.None,
            _ => _leaked,
        };
        if (leaked is null)
        {
            warnings.Add($"{LeakedKeys.Unreadable} Until then the last list counts.");
        }

        _leaked = leaked ?? _leaked;
        var kept = WithoutLeaked(current);
        var slots = Merge(reading, warnings);
        if (reading.Trouble is not null)
        {
            // An instance without a ring serves what it could read.
            return new VaultRingChange(current.IsEmpty ? WithoutLeaked(slots.Values) : kept, [.. warnings]);
        }

        _known = slots;
        warnings.AddRange(Oddities(now));
        var values = WithoutLeaked(slots.Values);
        if (!values.IsEmpty)
        {
            return new VaultRingChange(values, [.. warnings]);
        }

        warnings.Add(kept.IsEmpty
            ? $"The key vault holds no usable key: write one to the secret {KeySlot.Primary.Secret()}."
            : $"The key vault holds no usable key any more; the last ring stays in use. Write a key to the secret {KeySlot.Primary.Secret()}.");
        return new VaultRingChange(kept, [.. warnings]);
    }

    private ImmutableSortedDictionary<KeySlot, SlotValue> Merge(VaultReading reading, List<string> warnings)
    {
        var slots = _known.ToBuilder();
        foreach (var (slot, secret) in reading.Slots)
        {
            if (secret.Trouble is not null)
            {
                continue;
            }

            var value = secret.Text is null ? default : SecretValue.Of(secret.Text);
            if (value.Key is not null)
            {
                slots[slot] = new SlotValue(slot, value.Key, secret.Version, secret.ExpiresOn, secret.CreatedOn);
            }
            else if (value.IsEmpty)
            {
                slots.Remove(slot);
            }
            else
            {
                warnings.Add($"The secret {slot.Secret()} (version {secret.Version}) {value.Refusal}.{(slots.ContainsKey(slot) ? " Until then its last key stays in use." : "")}");
            }
        }

        return slots.ToImmutable();
    }

    private IEnumerable<string> Oddities(DateTimeOffset now)
    {
        foreach (var value in _known.Values)
        {
            if (_leaked.Contains(value.Key))
            {
                yield return $"The secret {value.Slot.Secret()} holds a key (…{value.Key.Id}) that {LeakedKeys.Secret} names: it is left out. Write another key.";
            }
            else if (value.Slot != KeySlot.Old && value.ExpiresOn <= now)
            {
                yield return $"The secret {value.Slot.Secret()} expired on {value.ExpiresOn:yyyy-MM-dd}; its key stays in use. Write a new key.";
            }
        }

        if (SameKeys.Warning(WithoutLeaked(_known.Values), static slot => slot.Secret()) is { } same)
        {
            yield return same;
        }
    }

    private ImmutableArray<SlotValue> WithoutLeaked(IEnumerable<SlotValue> values) => [.. values.Where(value => !_leaked.Contains(value.Key))];
}

/// <summary>What follows from a reading.</summary>
/// <param name="Values">The keys of the ring from now on.</param>
/// <param name="Warnings">A sentence about each thing an operator should mend.</param>
internal sealed record VaultRingChange(ImmutableArray<SlotValue> Values, ImmutableArray<string> Warnings);
