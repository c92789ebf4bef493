using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Failover.Keys;

/// <summary>
/// Reads the keys, swaps the ring, and says what an operator should know. The keys given at start count until the vault has
/// given a ring.
/// </summary>
internal sealed class KeySources(
    StartKeys start, VaultKeySource? vault, KeyRingProvider ring, KeyMask mask, ILogger<KeySources> log, TimeProvider time)
{
    // Slots beyond the usual ones are rarely filled, and each read counts against the vault's limits.
    private const int RareReads = 10;
    private static readonly ImmutableArray<KeySlot> Usual = [KeySlot.Primary, KeySlot.Secondary, KeySlot.Old];

    private readonly VaultRing _vaultRing = new();
    private readonly HashSet<string> _said = [];
    private bool _isTroubled;
    private int _readsSinceWhole;

    public bool HasVault => vault is not null;

    /// <summary>Makes the keys that the process was given the ring.</summary>
    public void ReadStartKeys()
    {
        lock (_said)
        {
            var (values, warnings) = start();
            Say(warnings);
            ring.Swap(values, time.GetUtcNow());
        }
    }

    /// <summary>Reads the vault and makes what follows the ring. One call at a time.</summary>
    /// <param name="whole">Every slot, the rarely filled ones too.</param>
    /// <returns>Why not everything could be read, and whether to look again soon.</returns>
    public async Task<(VaultTrouble? Trouble, bool Again)> ReadVaultAsync(bool whole)
    {
        whole |= ++_readsSinceWhole >= RareReads;
        var began = time.GetUtcNow();
        var reading = await vault!.ReadAsync(whole ? KeySlots.All : [.. Usual.Union(_vaultRing.Known)]);
        _readsSinceWhole = whole ? 0 : _readsSinceWhole;
        var again = false;
        if (reading.Trouble is null && !ring.Current.Keys.IsEmpty && _vaultRing.IsNews(reading))
        {
            // A rotation may be under way, and its writes lie on both sides of this reading: look once more, at everything.
            // Where no key is left to serve with, what was read serves first.
            again = !ring.Current.HasAvailableKey;
            var confirming = time.GetUtcNow();
            if (!again && await vault.ReadAsync(KeySlots.All) is { Trouble: null } confirmed)
            {
                (reading, began) = (confirmed, confirming);
            }
        }

        Take(reading, whole, began);
        return (reading.Trouble, again);
    }

    private void Take(VaultReading reading, bool whole, DateTimeOffset began)
    {
        var current = ring.Current.Keys.Select(key => new SlotValue(key.Slot, key.Key, key.Version, key.ExpiresOn)).ToImmutableArray();
        var change = _vaultRing.Take(reading, current, time.GetUtcNow());
        ring.Swap(change.Values, reading.Trouble is null ? began : null);
        Say(change.Warnings);
        if (whole && reading.Trouble is null)
        {
            // What is mended may be said again when it comes back.
            _said.IntersectWith(change.Warnings);
        }

        SayTrouble(reading.Trouble);
    }

    // A fault is said once, not at every refresh while it lasts.
    private void Say(ImmutableArray<string> warnings)
    {
        foreach (var warning in warnings)
        {
            if (_said.Add(warning))
            {
                log.ConfigurationWarning(mask.Clean(warning));
            }
        }
    }

    private void SayTrouble(VaultTrouble? trouble)
    {
        if (trouble is not null && !_isTroubled)
        {
            log.VaultUnreachable(trouble with { Sentence = mask.Clean(trouble.Sentence) });
        }
        else if (trouble is null && _isTroubled)
        {
            log.VaultReachable();
        }

        _isTroubled = trouble is not null;
    }
}
