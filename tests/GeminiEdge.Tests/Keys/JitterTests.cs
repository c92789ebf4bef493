using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Tests.Keys;

public class JitterTests
{
    [Fact]
    public void Random_AThousandTimes_IsFromZeroUpToOneAndSpread()
    {
        var drawn = Enumerable.Range(0, 1_000).Select(_ => Jitters.Random()).ToList();

        Assert.All(drawn, value => Assert.True(value is >= 0 and < 1, $"{value}"));
        Assert.True(drawn.Max() - drawn.Min() > 0.5);
    }
}
