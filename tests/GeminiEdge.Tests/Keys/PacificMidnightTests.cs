using System.Globalization;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Tests.Keys;

public class PacificMidnightTests
{
    private static readonly TimeSpan OneHour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData("2026-01-15T07:59:59Z", "00:00:01")]
    [InlineData("2026-01-15T08:00:00Z", "1.00:00:00")]
    [InlineData("2026-01-15T08:00:01Z", "23:59:59")]
    [InlineData("2026-07-15T06:00:00Z", "01:00:00")]
    [InlineData("2026-07-15T07:00:00Z", "1.00:00:00")]
    [InlineData("2026-07-15T08:00:00Z", "23:00:00")]
    [InlineData("2026-03-08T08:00:00Z", "23:00:00")] // The day that loses an hour, from its first midnight.
    [InlineData("2026-03-08T09:59:59Z", "21:00:01")]
    [InlineData("2026-03-08T10:00:00Z", "21:00:00")]
    [InlineData("2026-11-01T07:00:00Z", "1.01:00:00")] // The day that has an hour twice.
    [InlineData("2026-11-01T08:59:59Z", "23:00:01")]
    [InlineData("2026-11-01T09:00:00Z", "23:00:00")]
    [InlineData("2026-12-31T23:30:00Z", "08:30:00")]
    [InlineData("2027-01-01T00:00:00Z", "08:00:00")]
    [InlineData("2027-01-01T07:59:59Z", "00:00:01")]
    [InlineData("2028-02-29T08:00:00Z", "1.00:00:00")]
    public void Until_AtThisMoment_IsThisLong(string now, string expected)
    {
        var until = PacificMidnight.Until(DateTimeOffset.Parse(now, CultureInfo.InvariantCulture));

        Assert.Equal(TimeSpan.Parse(expected, CultureInfo.InvariantCulture), until);
    }

    [Fact]
    public void Until_EveryHourOfSixYears_AgreesWithTheTimeZoneDatabase()
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById("America/Los_Angeles", out var pacific))
        {
            Assert.Skip("This machine has no time zone database.");
        }

        var end = new DateTimeOffset(2031, 2, 1, 0, 0, 0, TimeSpan.Zero);
        for (var now = new DateTimeOffset(2024, 12, 25, 0, 30, 0, TimeSpan.Zero); now < end; now += OneHour)
        {
            var midnight = TimeZoneInfo.ConvertTime(now, pacific).Date.AddDays(1);
            var expected = TimeZoneInfo.ConvertTimeToUtc(midnight, pacific) - now.UtcDateTime;
            var until = PacificMidnight.Until(now);
            Assert.True(expected == until, $"At {now:u} it is {expected} to midnight, not {until}.");
            Assert.InRange(until, TimeSpan.FromTicks(1), TimeSpan.FromHours(25));
        }
    }

    [Fact]
    public void Until_CallerIsElsewhere_CountsTheMomentNotTheOffset()
    {
        var utc = new DateTimeOffset(2026, 7, 15, 6, 0, 0, TimeSpan.Zero);

        Assert.Equal(PacificMidnight.Until(utc), PacificMidnight.Until(utc.ToOffset(TimeSpan.FromHours(9))));
    }
}
