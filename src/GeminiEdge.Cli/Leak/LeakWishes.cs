using GeminiEdge.Cli.GoogleApiKeys;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Cli.Leak;

/// <summary>What the operator asks of `edgectl leak`.</summary>
/// <param name="Slot">The slot whose key has leaked.</param>
/// <param name="KeyId">That key's last four characters, to be certain.</param>
/// <param name="Site">The app whose Key Vault references are refreshed: an Azure resource id.</param>
/// <param name="Management">Where Azure is asked to.</param>
/// <param name="NoNewKey">Ask for no new key.</param>
/// <param name="OpenGoogleAsync">Signs in at Google; without keys it goes by hand.</param>
internal sealed record LeakWishes(
    KeySlot Slot, string? KeyId, string? Site, Uri Management, bool NoNewKey,
    Func<Session, CancellationToken, Task<(GoogleKeys? Keys, string? Project, string? Why)>> OpenGoogleAsync);
