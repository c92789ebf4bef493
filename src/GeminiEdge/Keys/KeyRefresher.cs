using GeminiEdge.Telemetry;

namespace GeminiEdge.Keys;

/// <summary>Reads the keys again and swaps the ring.</summary>
internal sealed class KeyRefresher(SettingsKeySource settings, KeyRingProvider ring, EdgeLog log)
{
    /// <returns>Whether the ring changed.</returns>
    public bool Refresh()
    {
        var (values, warnings) = settings.Read();
        foreach (var warning in warnings)
        {
            log.Configuration(warning, invalid: false);
        }

        return ring.Swap(values);
    }
}
