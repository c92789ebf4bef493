using System.Globalization;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Tests.Keys;

public class RotationSecretTests
{
    [Theory]
    [InlineData("2026-03-01T10:00:00.0000000Z", "2026-03-01T10:00:00Z")]
    [InlineData("2026-03-01T10:00:00.5000000+01:00", "2026-03-01T09:00:00.5Z")]
    [InlineData("2026-03-01", null)]
    [InlineData("soon", null)]
    [InlineData(null, null)]
    public void Time_OfATag_IsReadInItsOneForm(string? text, string? expected) =>
        Assert.Equal(expected is null ? null : DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), RotationSecret.Time(text));
}
