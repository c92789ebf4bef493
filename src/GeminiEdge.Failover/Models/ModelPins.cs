using System.Collections.Frozen;
using GeminiEdge.Failover.Settings;

namespace GeminiEdge.Failover.Models;

/// <summary>Which version callers of a model count on: <c>GEMINI_MODEL_PINS</c>.</summary>
internal static class ModelPins
{
    private const string Setting = "GEMINI_MODEL_PINS";

    /// <summary>None.</summary>
    public static FrozenDictionary<string, string> None => FrozenDictionary<string, string>.Empty;

    /// <summary>Reads <c>requested=version, …</c>; each fault is a sentence about the entry that has it.</summary>
    public static FrozenDictionary<string, string> Read(SettingReader settings)
    {
        if (settings.Text(Setting) is not { } text)
        {
            return None;
        }

        var pins = new Dictionary<string, string>(StringComparer.Ordinal);
        var entries = text.Split(',', StringSplitOptions.TrimEntries);
        for (var index = 0; index < entries.Length; index++)
        {
            // Told by its place: what stands in the wrong setting may be a key.
            if (entries[index].Split('=', StringSplitOptions.TrimEntries) is not [var model, var version] || !ModelName.IsValid(model) || !ModelName.IsValid(version))
            {
                settings.Refuse($"The setting {Setting} is a list of model=version, as gemini-flash-latest=gemini-3.8-flash, with commas between them; entry {index + 1} is none.");
            }
            else if (!pins.TryAdd(ModelName.WithoutPrefix(model), ModelName.WithoutPrefix(version)))
            {
                settings.Refuse($"The setting {Setting} pins the model of its entry {index + 1} a second time: leave one of the two.");
            }
        }

        return pins.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
