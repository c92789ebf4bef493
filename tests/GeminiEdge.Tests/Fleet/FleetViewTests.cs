using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;
using GeminiEdge.Rotation;
using GeminiEdge.Tests.Rotation;
using static GeminiEdge.Tests.Fleet.FleetRows;

namespace GeminiEdge.Tests.Fleet;

public class FleetViewTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void View_OfNewOldAndIdleInstances_NamesWhoLags()
    {
        var view = FleetView.Of([Row("b", "old", Now), Row("a", "new", Now), Row("c", "old", Now - FleetView.Window - TimeSpan.FromTicks(1))], "new", Now);

        Assert.Equal((2, 1, "b", false), (view.Active.Length, view.Idle.Length, Assert.Single(view.Lagging).Instance, view.IsConverged));
        Assert.Equal("Not converged: 1 of 2 active instances lags: b. 1 idle instance re-reads the keys before it serves.", view.Sentence);
    }

    [Theory]
    [InlineData(120.0, false)]
    [InlineData(120.001, true)]
    [InlineData(-30, false)]
    public void View_OfAnInstanceOnAnOldRing_CountsItForTwoMinutes(double secondsAgo, bool isConverged) =>
        Assert.Equal(isConverged, FleetView.Of([Row("a", "old", Now.AddSeconds(-secondsAgo))], "new", Now).IsConverged);

    [Fact]
    public void View_OfNobody_ProvesNothing() => Assert.False(FleetView.Of([], "new", Now).IsConverged);

    [Fact]
    public void View_OfManyLaggards_NamesTheFirstTen()
    {
        var view = FleetView.Of(Many(12, i => Row($"i{i:00}", "old", Now)), "new", Now);

        Assert.Contains("12 of 12 active instances lag: i00, i01,", view.Sentence, StringComparison.Ordinal);
        Assert.EndsWith("i09 and 2 more.", view.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void NewestRing_OfAnySlots_IsTheRingThatAnEdgeBuilds()
    {
        var keys = Enumerable.Range(0, 3).Select(i => VaultModel.Key($"key{i}")).ToArray();
        for (var round = 0; round < 500; round++)
        {
            // Two bits for each slot: one of three keys, or none.
            var choice = round * 7919L % (1 << 20);
            var leaked = round % 2 == 0 ? LeakedKeys.None : LeakedKeys.Parse(LeakedKeys.HashOf(keys[0]))!;
            var list = round % 2 == 0 ? SecretReading.Missing : new SecretReading(LeakedKeys.HashOf(keys[0]), "l", null);
            var slots = KeySlots.All.Select(slot => (int)(choice >> (2 * (int)slot)) % 4 is var i && i < keys.Length
                ? new SlotState(slot) { Key = keys[i], Version = $"v{slot}", Enabled = true }
                : new SlotState(slot) { Version = "none", Enabled = true }).ToList();

            var edge = ColdEdge.Ring(Now, list, slot => slots[(int)slot] is { Key: { } key } state
                ? new SecretReading(key.Reveal(), state.Version, null) : new SecretReading(SecretValue.Empty, "none", null));

            Assert.Equal(
                RingFingerprint.Of(edge.OrderBy(value => value.Slot).DistinctBy(value => value.Key).Select(value => (value.Slot.Name(), value.Key.Id, value.Version))),
                NewestRing.Fingerprint(slots, leaked));
        }
    }
}
