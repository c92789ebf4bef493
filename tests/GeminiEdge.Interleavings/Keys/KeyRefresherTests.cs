using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Interleavings.Scheduling;
using Microsoft.Extensions.Logging.Abstractions;

namespace GeminiEdge.Interleavings.Keys;

/// <summary>Who reads the vault when, while requests come, operators write and time passes.</summary>
public class KeyRefresherTests
{
    [Fact]
    public void Reads_OfAllWhoWantOne_NeverGoBack() => Explorer.Explore(schedule => new World(schedule)
    {
        Draw = vault => vault.Failing.Add(schedule.Draw(8)),
    }.Play(world =>
    {
        schedule.Begin("operator", world.WriteAndRefreshAsync);
        schedule.Begin("operator", world.WriteAndRefreshAsync);
        schedule.Begin("request", world.AskAsync);
        schedule.Begin("failed request", async () =>
        {
            var seen = await world.Refresher.CurrentAsync(CancellationToken.None);
            world.Refresher.KeyWasRefused();
            Assert.NotEqual(seen, await world.Refresher.NewerAsync(seen, CancellationToken.None));
        });
        schedule.Begin("time", () =>
        {
            schedule.Time.Advance(TimeSpan.FromSeconds(50));
            world.Refresher.Touch();
        });
    }));

    // Nobody fails here, so what was written last is in use when everybody is done.
    [Fact]
    public void LastWrite_IsInUse() => Explorer.Explore(schedule => new World(schedule) { IsSure = true }.Play(world =>
    {
        schedule.Begin("operator", world.WriteAndRefreshAsync);
        schedule.Begin("operator", world.WriteAndRefreshAsync);
        schedule.Begin("refused", world.Refresher.KeyWasRefused);
        schedule.Begin("looker", world.Refresher.Touch);
    }));

    // A vault that says nothing is waited for by each request for two seconds at most, and by all of them together not much longer.
    [Fact]
    public void SilentVault_NobodyWaitsLong() => Explorer.Explore(schedule => new World(schedule)
    {
        Draw = vault => vault.Silent.UnionWith([1, 2]),
    }.Play(world =>
    {
        schedule.Begin("time", () =>
        {
            schedule.Time.Advance(TimeSpan.FromSeconds(50));
            for (var caller = 0; caller < 3; caller++)
            {
                schedule.Begin("request", async () =>
                {
                    var began = schedule.Time.GetTimestamp();
                    await world.AskAsync();

                    Assert.InRange(schedule.Time.GetElapsedTime(began), TimeSpan.Zero, KeyRefresher.LongestWait);
                });
            }
        });
    }));

    [Fact]
    public void NoKeysYet_EveryRequestGetsTheFirst() => Explorer.Explore(schedule => new World(schedule)
    {
        HasStartKeys = false,
        Draw = vault => vault.Failing.UnionWith([0, schedule.Draw(3)]),
    }.Play(world =>
    {
        for (var caller = 0; caller < 3; caller++)
        {
            schedule.Begin("request", world.AskAsync);
        }
    }));

    private sealed class World
    {
        private readonly Schedule _schedule;
        private readonly SlowVault _vault;
        private readonly KeyRingProvider _ring;
        private int _lastSwap = -1;

        public World(Schedule schedule)
        {
            (_schedule, _vault) = (schedule, new SlowVault(schedule));
            var mask = new KeyMask();
            _ring = new KeyRingProvider(schedule.Time, mask, NullLogger<KeyRingProvider>.Instance);
            _ring.Swapped += () =>
            {
                Assert.True(Version(_ring.Current) > _lastSwap, $"Ring {Version(_ring.Current)} comes after {_lastSwap}.");
                _lastSwap = Version(_ring.Current);
            };
            var sources = new KeySources(Start, new VaultKeySource(_vault, schedule.Time), _ring, mask, NullLogger<KeySources>.Instance, schedule.Time);
            Refresher = new KeyRefresher(new KeyOptions(), sources, _ring, () => schedule.Draw(10) / 10.0, schedule.Time);
        }

        public KeyRefresher Refresher { get; }

        /// <summary>What goes wrong in the vault.</summary>
        public Action<SlowVault> Draw { get; init; } = static _ => { };

        public bool HasStartKeys { get; init; } = true;

        /// <summary>In the end what was written last must be in use.</summary>
        public bool IsSure { get; init; }

        /// <summary>The edge starts, then these come.</summary>
        public Action Play(Action<World> begin)
        {
            Draw(_vault);
            _schedule.Begin("start", () =>
            {
                Refresher.Start();
                begin(this);
            });
            return () => Assert.Equal((IsSure ? _vault.Written : _lastSwap, 1), (Version(_ring.Current), _vault.MostAtOnce));
        }

        public async Task WriteAndRefreshAsync()
        {
            var written = ++_vault.Written;
            var (_, trouble) = await Refresher.RefreshAsync(CancellationToken.None);
            Assert.True(trouble is not null || Version(_ring.Current) >= written, $"{written} was written, and {Version(_ring.Current)} is in use.");
        }

        public async Task AskAsync()
        {
            var ring = await Refresher.CurrentAsync(CancellationToken.None);
            Assert.False(ring.Keys.IsEmpty);
            Assert.InRange(Version(_ring.Current), Version(ring), _vault.Written);
        }

        private static int Version(KeyRing ring) => ring.Keys.IsEmpty ? -1 : int.Parse(ring.Keys[0].Version!);

        private (ImmutableArray<SlotValue>, ImmutableArray<string>) Start() =>
            (HasStartKeys ? [new SlotValue(KeySlot.Primary, SomeKeys.Named("given"), "0")] : [], []);
    }
}
