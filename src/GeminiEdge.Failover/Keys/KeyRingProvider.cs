using Microsoft.Extensions.Logging;

namespace GeminiEdge.Failover.Keys;

/// <summary>
/// Holds the current ring: requests read it once, and it is swapped whole. Health is remembered by key value, so a
/// key that moves to another slot, or leaves and comes back, is no stranger.
/// </summary>
internal sealed class KeyRingProvider(TimeProvider time, KeyMask mask, ILogger<KeyRingProvider> log)
{
    // More than any ring holds, so that keys which come back soon are known; a rotation every day must not fill the memory.
    private const int MostRemembered = 100;

    private readonly Lock _lock = new();
    private readonly Dictionary<ApiKey, KeyHealth> _health = [];
    private volatile RingInUse _inUse = new(KeyRing.Empty, null, null);

    /// <summary>Told after a swap, under the lock of the swaps; it must not wait.</summary>
    public event Action? Swapped;

    /// <summary>The newest ring.</summary>
    public KeyRing Current => _inUse.Ring;

    /// <summary>The newest ring, and since when.</summary>
    public RingInUse InUse => _inUse;

    /// <summary>Makes these the keys, in ring order, each value once.</summary>
    /// <param name="values">The keys.</param>
    /// <param name="readAt">When they were read from their source; null when they could not all be read, and are what was known.</param>
    /// <returns>Whether anything changed.</returns>
    public bool Swap(IEnumerable<SlotValue> values, DateTimeOffset? readAt)
    {
        lock (_lock)
        {
            var ring = new KeyRing(
            [
                .. values.OrderBy(value => value.Slot).DistinctBy(value => value.Key)
                    .Select(value => new RingKey(value.Slot, value.Key, value.Version, Health_NeedsLock(value.Key), value.ExpiresOn, value.CreatedOn)),
            ]);
            if (ring.SameAs(Current))
            {
                _inUse = _inUse with { ReadAt = readAt ?? _inUse.ReadAt };
                return false;
            }

            // Known to the mask before any request can use a new key.
            mask.Learn(ring.Keys.Select(key => key.Key));
            _inUse = new RingInUse(ring, readAt ?? _inUse.ReadAt, time.GetUtcNow());
            Forget_NeedsLock(ring);
            log.RingChanged(ring);
            Swapped?.Invoke();
            return true;
        }
    }

    private void Forget_NeedsLock(KeyRing ring)
    {
        if (_health.Count > MostRemembered)
        {
            foreach (var gone in _health.Keys.Except(ring.Keys.Select(key => key.Key)).ToList())
            {
                _health.Remove(gone);
            }
        }
    }

    private KeyHealth Health_NeedsLock(ApiKey key)
    {
        if (!_health.TryGetValue(key, out var health))
        {
            health = _health[key] = new KeyHealth(time);
        }

        return health;
    }
}

/// <summary>The ring in use.</summary>
/// <param name="Ring">The keys.</param>
/// <param name="ReadAt">When the last reading of its source began that told everything.</param>
/// <param name="SwappedAt">Since when it is this ring.</param>
internal sealed record RingInUse(KeyRing Ring, DateTimeOffset? ReadAt, DateTimeOffset? SwappedAt);
