using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Tests.Keys;

public class SecretReadingTests
{
    [Fact]
    public void ToString_OfAReading_ShowsNoValue()
    {
        Assert.Equal("v1", new SecretReading("the-value-of-a-secret", "v1").ToString());
        Assert.Equal("timeout", new SecretReading(null, Trouble: new VaultTrouble("timeout", "The vault did not answer.")).ToString());
        Assert.Equal("missing", SecretReading.Missing.ToString());
    }
}
