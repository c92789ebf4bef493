using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;

namespace GeminiEdge.Failover.Keys;

/// <summary>Reads the slots from settings: <c>GEMINI_API_KEY_PRIMARY</c>, <c>_SECONDARY</c>, <c>_3</c>…<c>_9</c>, <c>_OLD</c>.</summary>
internal sealed class SettingsKeySource(IConfiguration configuration)
{
    /// <summary>The keys that can be used, and a sentence about each value that can't or should not.</summary>
    public (ImmutableArray<SlotValue> Values, ImmutableArray<string> Warnings) Read()
    {
        var values = ImmutableArray.CreateBuilder<SlotValue>();
        var warnings = ImmutableArray.CreateBuilder<string>();
        foreach (var slot in KeySlots.All)
        {
            var setting = slot.Setting();
            if (configuration[setting] is not { } value || string.IsNullOrWhiteSpace(value))
            {
                continue;
            }

            var (key, refusal) = ApiKey.Create(value);
            if (key is null)
            {
                warnings.Add($"The setting {setting} {refusal}.");
                continue;
            }

            values.Add(new SlotValue(slot, key));
            if (slot == KeySlot.Old)
            {
                warnings.Add($"The setting {setting} never expires by itself: remove it once nothing needs the former key.");
            }
        }

        if (SameKeys.Warning(values, static slot => slot.Setting()) is { } same)
        {
            warnings.Add(same);
        }

        return (values.ToImmutable(), warnings.ToImmutable());
    }
}
