using GeminiEdge.Failover.Keys;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Keys;

public class DeadlineTests
{
    private readonly JumpyTime _time = new();

    [Fact]
    public void Default_Always_HasPassed()
    {
        Assert.True(default(Deadline).HasPassed(_time));
        Assert.Equal(TimeSpan.Zero, default(Deadline).Remaining(_time));
        Assert.Equal(long.MinValue, default(Deadline).Timestamp);
    }

    [Fact]
    public void After_TimeGoesBy_PassesAtItsMomentAndNotBefore()
    {
        var deadline = Deadline.After(_time, TimeSpan.FromSeconds(10));

        Assert.Equal(TimeSpan.FromSeconds(10), deadline.Remaining(_time));
        Assert.Equal(_time.GetTimestamp() + (10 * _time.TimestampFrequency), deadline.Timestamp);
        _time.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromTicks(1));
        Assert.False(deadline.HasPassed(_time));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.True(deadline.HasPassed(_time));
        Assert.Equal(TimeSpan.Zero, deadline.Remaining(_time));
    }

    [Fact]
    public void Never_AThousandDays_HasNotPassed()
    {
        _time.Advance(TimeSpan.FromDays(1000));

        Assert.False(Deadline.Never.HasPassed(_time));
        Assert.Equal(TimeSpan.MaxValue, Deadline.Never.Remaining(_time));
        Assert.True(Deadline.Never.IsNever);
        Assert.False(Deadline.After(_time, TimeSpan.FromDays(1)).IsNever);
    }

    [Theory]
    [InlineData(-400)]
    [InlineData(400)]
    public void After_WallClockJumps_RemainsTheSame(int days)
    {
        var deadline = Deadline.After(_time, TimeSpan.FromMinutes(1));

        _time.Jump = TimeSpan.FromDays(days);

        Assert.Equal(TimeSpan.FromMinutes(1), deadline.Remaining(_time));
    }

    // Whoever waits for so long throws when it is less than nothing.
    [Fact]
    public void Remaining_ItPassesWhileItIsAsked_IsZero()
    {
        var time = new TickingTime();
        var deadline = Deadline.After(time, TimeSpan.FromSeconds(1.5));

        Assert.Equal([0.5, 0, 0], Enumerable.Range(0, 3).Select(_ => deadline.Remaining(time).TotalSeconds));
    }

    /// <summary>A second passes with each look at it.</summary>
    private sealed class TickingTime : TimeProvider
    {
        private long _looks;

        public override long TimestampFrequency => 2;

        public override long GetTimestamp() => 2 * _looks++;
    }
}
