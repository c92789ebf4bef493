using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Verdicts;

public class InnerStatusTests
{
    [Theory]
    [InlineData("INVALID_ARGUMENT", 400)]
    [InlineData("INVALID_REQUEST", 400)]
    [InlineData("FAILED_PRECONDITION", 400)]
    [InlineData("OUT_OF_RANGE", 400)]
    [InlineData("UNAUTHENTICATED", 401)]
    [InlineData("PAYMENT_REQUIRED", 402)]
    [InlineData("PERMISSION_DENIED", 403)]
    [InlineData("NOT_FOUND", 404)]
    [InlineData("ABORTED", 409)]
    [InlineData("ALREADY_EXISTS", 409)]
    [InlineData("RESOURCE_EXHAUSTED", 429)]
    [InlineData("rate_limit_exceeded", 429)]
    [InlineData("quota_exceeded", 429)]
    [InlineData("too_many_requests", 429)]
    [InlineData("CANCELLED", 499)]
    [InlineData("UNIMPLEMENTED", 501)]
    [InlineData("UNAVAILABLE", 503)]
    [InlineData("overloaded", 503)]
    [InlineData("DEADLINE_EXCEEDED", 504)]
    [InlineData("INTERNAL", 500)]
    [InlineData("SOMETHING_NEW", 500)]
    [InlineData(null, 500)]
    public void Of_AWord_IsTheStatusThatItStandsFor(string? word, int status) => Assert.Equal(status, InnerStatus.Of(new UpstreamError { Status = word }));

    [Theory]
    [InlineData(399, 503)]
    [InlineData(400, 400)]
    [InlineData(599, 599)]
    [InlineData(600, 503)]
    public void Of_ANumber_CountsWhereItIsAnErrors(int code, int status) => Assert.Equal(status, InnerStatus.Of(new UpstreamError { Code = code, Status = "UNAVAILABLE" }));
}
