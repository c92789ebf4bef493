using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Verdicts;

public class UpstreamFailureTests
{
    // Google cuts its field to whole seconds, so that up to one more in words is the same wait.
    [Theory]
    [InlineData(null, "", null, null)]
    [InlineData(5.0, "", null, 5.0)]
    [InlineData(null, "", 8.0, 8.0)]
    [InlineData(5.0, "", 8.0, 5.0)]
    [InlineData(null, "Please retry in 37s.", null, 37.0)]
    [InlineData(null, "Please retry in 37s.", 8.0, 37.0)]
    [InlineData(36.0, "Please retry in 37s.", null, 36.0)]
    [InlineData(35.0, "Please retry in 37s.", null, 37.0)]
    [InlineData(60.0, "Please retry in 37s.", null, 60.0)]
    public void Delay_FieldWordsAndHeader_IsWhatGoogleMeans(double? field, string message, double? header, double? delay)
    {
        var error = new UpstreamError { RetryDelay = Seconds(field), Message = message };

        Assert.Equal(Seconds(delay), new UpstreamFailure(429, error, RetryAfter: Seconds(header)).Delay);
    }

    [Theory]
    [InlineData("projects/1", "projects/2", true)]
    [InlineData("projects/1", "projects/1", false)]
    [InlineData("projects/1", null, false)]
    [InlineData(null, "projects/2", false)]
    public void IsAboutAnotherProject_WhereBothAreKnown_AndDiffer(string? own, string? consumer, bool another) =>
        Assert.Equal(another, new UpstreamFailure(403, new UpstreamError { Consumer = consumer }, OwnProject: own).IsAboutAnotherProject);

    private static TimeSpan? Seconds(double? seconds) => seconds is { } some ? TimeSpan.FromSeconds(some) : null;
}
