using GeminiEdge.Failover.Keys;
using GeminiEdge.Interleavings.Scheduling;
using Microsoft.Extensions.Logging.Abstractions;

namespace GeminiEdge.Interleavings.Keys;

/// <summary>The ring is swapped while requests take it: each has an old one or a new one, whole.</summary>
public class RingSwapTests
{
    [Fact]
    public void Readers_SeeOneRingWhole() => Explorer.Explore(schedule =>
    {
        var (mask, swaps) = (new KeyMask(), 0);
        var ring = new KeyRingProvider(schedule.Time, mask, NullLogger<KeyRingProvider>.Instance);
        ring.Swapped += () => swaps++;
        var epoch = schedule.Time.GetUtcNow();
        ring.Swap(Values(0), epoch);

        // Each says in its version and its moment which one it is; the last two are the same keys, read later.
        for (var writer = 1; writer <= 2; writer++)
        {
            var number = writer;
            schedule.Begin("swap", () => ring.Swap(Values(number), epoch.AddMinutes(number)));
        }

        schedule.Begin("read anew", () => ring.Swap(Values(2), epoch.AddMinutes(3)));
        for (var reader = 0; reader < 2; reader++)
        {
            schedule.Begin("reader", () =>
            {
                for (var look = 0; look < 2; look++)
                {
                    var seen = ring.InUse;
                    Assert.Equal([KeySlot.Primary, KeySlot.Secondary], seen.Ring.Keys.Select(key => key.Slot));
                    var number = Assert.Single(seen.Ring.Keys.Select(key => key.Version).Distinct());
                    var read = (int)(seen.ReadAt!.Value - epoch).TotalMinutes;
                    Assert.True(read == int.Parse(number!) || (number == "2" && read == 3), $"Ring {number} was read at {read}.");
                    Assert.All(seen.Ring.Keys, key => Assert.Equal(new string('*', key.Key.Reveal().Length), mask.Clean(key.Key.Reveal())));
                }
            });
        }

        return () => Assert.InRange(swaps, 2, 4);
    });

    // What is remembered of a key is remembered of its value: no swap makes a second memory of it.
    [Fact]
    public void KeyThatStays_HasOneHealth() => Explorer.Explore(schedule =>
    {
        var ring = new KeyRingProvider(schedule.Time, new KeyMask(), NullLogger<KeyRingProvider>.Instance);
        var seen = new HashSet<KeyHealth>();
        for (var writer = 0; writer < 3; writer++)
        {
            var number = writer;
            schedule.Begin("swap", () => ring.Swap([new SlotValue(writer == 0 ? KeySlot.Primary : KeySlot.Old, SomeKeys.Named("stays"), $"{number}")], null));
            schedule.Begin("reader", () => seen.UnionWith(ring.Current.Keys.Select(key => key.Health)));
        }

        return () =>
        {
            seen.UnionWith(ring.Current.Keys.Select(key => key.Health));
            Assert.Single(seen);
        };
    });

    private static SlotValue[] Values(int number) =>
    [
        new(KeySlot.Primary, SomeKeys.Named($"primary-{number}"), $"{number}"),
        new(KeySlot.Secondary, SomeKeys.Named($"secondary-{number}"), $"{number}"),
    ];
}
