using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Verdicts;

public class WaitInWordsTests
{
    [Theory]
    [InlineData("You exceeded your current quota.\nPlease retry in 37.4s.", 37.4)]
    [InlineData("Please retry in 964ms.", 0.964)]
    [InlineData("please RETRY IN 5 seconds", 5)]
    [InlineData("Rate limited: try again in 2 minutes.", 120)]
    [InlineData("Your quota will reset after 1h2m3s.", 3723)]
    [InlineData("retry after 90 sec", 90)]
    [InlineData("Please retry in 1 hour.", 3600)]
    [InlineData("retry in 1m30.5s", 90.5)]
    [InlineData("Please retry in 99999999999h", 86_400)]
    public void Find_AWait_ReadsIt(string message, double seconds) =>
        Assert.Equal(seconds, WaitInWords.Find(message)!.Value.TotalSeconds, tolerance: 0.0001);

    [Theory]
    [InlineData("")]
    [InlineData("Please retry in a while.")]
    [InlineData("Please retry in ...s")]
    [InlineData("Please retry in 0s.")]
    [InlineData("Please retry in -5s.")]
    [InlineData("Quota exceeded, limit: 20")]
    [InlineData("retry in 5 apples")]
    public void Find_NoWait_IsNone(string message) => Assert.Null(WaitInWords.Find(message));
}
