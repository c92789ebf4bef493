namespace GeminiEdge.Failover.Keys;

/// <summary>Slots that hold one value: each but the first is no key to fail over to, and looks as if it were one.</summary>
internal static class SameKeys
{
    /// <summary>One sentence for all of them, or null.</summary>
    /// <param name="values">What the slots hold; a promotion lets OLD and another hold one value for a moment.</param>
    /// <param name="place">The name under which an operator finds a slot.</param>
    public static string? Warning(IReadOnlyCollection<SlotValue> values, Func<KeySlot, string> place)
    {
        var seen = new HashSet<ApiKey>();
        foreach (var value in values)
        {
            if (value.Slot != KeySlot.Old && !seen.Add(value.Key))
            {
                return Warning(values.Where(other => other.Slot != KeySlot.Old).OrderBy(other => other.Slot).GroupBy(other => other.Key), place, values);
            }
        }

        return null;
    }

    private static string Warning(IEnumerable<IGrouping<ApiKey, SlotValue>> byKey, Func<KeySlot, string> place, IReadOnlyCollection<SlotValue> values)
    {
        var same = byKey.Where(slots => slots.Count() > 1).ToList();
        var what = string.Join("; ", same.Select(slots => $"{Places(slots)} hold the same key (key_id {slots.Key.Id})"));
        var hasStandby = values.DistinctBy(value => value.Key).Count() > 1;
        return $"{what}: {(hasStandby ? "a key fewer to fail over to than it looks" : "there is no standby, and when this key fails every request does")}. "
            + $"Store another key in {Places(same.SelectMany(slots => slots.Skip(1)))}.";

        string Places(IEnumerable<SlotValue> slots) => string.Join(" and ", slots.Select(value => place(value.Slot)));
    }
}
