using GeminiEdge.Status;

namespace GeminiEdge.Tests.Status;

public class StatusMinutesTests
{
    [Fact]
    public void Latency_IsRightToAQuarter()
    {
        var minutes = new StatusMinutes();
        for (var milliseconds = 1; milliseconds <= 1000; milliseconds++)
        {
            minutes.AddAttempt(1000, failedOver: false, TimeSpan.FromMilliseconds(milliseconds));
        }

        var minute = Assert.Single(minutes.Read(1000));

        Assert.InRange(minute.Median!.Value, 500, 625);
        Assert.InRange(minute.P95!.Value, 950, 1188);
        Assert.Equal(1000, minute.Attempts);
    }

    [Fact]
    public void Latency_OfNoAnswer_IsNone()
    {
        var minutes = new StatusMinutes();
        minutes.AddRequest(1000, failed: true);
        minutes.AddAttempt(1000, failedOver: true, began: null);

        Assert.Equal(new StatusMinute(DateTimeOffset.FromUnixTimeSeconds(60_000), 1, 1, 1, 1, null, null), Assert.Single(minutes.Read(1000)));
    }

    [Fact]
    public void Minutes_AreTheLastSixty()
    {
        var minutes = new StatusMinutes();
        for (var minute = 1000; minute < 1100; minute++)
        {
            minutes.AddRequest(minute, failed: false);
        }

        Assert.Equal(60, minutes.Read(1099).Length);
        Assert.Empty(minutes.Read(1200));
    }
}
