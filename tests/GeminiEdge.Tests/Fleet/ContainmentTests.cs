using System.Collections.Immutable;
using GeminiEdge.Fleet;
using static GeminiEdge.Tests.Fleet.FleetRows;

namespace GeminiEdge.Tests.Fleet;

public class ContainmentTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(7.5, 7.5)]
    [InlineData(-60.0, 0.0)]
    [InlineData(null, 0.0)]
    public void NobodyHoldsTheKey_IsMeasuredByTheLastAttempt(double? lastUse, double took)
    {
        var last = lastUse is { } seconds ? Now.AddSeconds(seconds) : default(DateTimeOffset?);

        var containment = Of([], Row("a", "new", Now, Key("PRIMARY", "wxyz"), Gone(last)), Row("b", "new", Now, Gone(last?.AddSeconds(-1)) with { Slot = "OLD" }));

        Assert.Equal(("measured", TimeSpan.FromSeconds(took), last), (containment.Kind, containment.Took, containment.LastUse));
    }

    [Theory]
    [InlineData("old", 120, false)]
    [InlineData("old", 120.001, true)]
    [InlineData("newer", 0, true)]
    public void OneLagged_IsNotContainedUntilItHasAnotherRingOrIsIdle(string ring, double seenAgo, bool isContained)
    {
        var containment = Of([Row("b", "old", Now)], Row("a", "new", Now), Row("b", ring, Now.AddSeconds(-seenAgo)));

        Assert.Equal(isContained, containment.IsContained);
        Assert.Equal(!isContained, containment.Sentence.StartsWith("Not contained: b had not read", StringComparison.Ordinal));
    }

    [Fact]
    public void AnActiveRingHoldsTheKey_IsNotContained()
    {
        Assert.False(Of([], Row("a", "new", Now, Key("PRIMARY", "abcd"))).IsContained);
        Assert.True(Of([], Row("a", "new", Now - FleetView.Window - TimeSpan.FromSeconds(1), Key("PRIMARY", "abcd"))).IsContained);
    }

    private static FleetKey Gone(DateTimeOffset? last) => Key("PRIMARY", "abcd") with { IsInRing = false, LastAttempt = last };

    private static Containment Of(ImmutableArray<FleetRow> laggards, params FleetRow[] rows) => Containment.Of([.. rows], laggards, "abcd", Now, Now);
}
