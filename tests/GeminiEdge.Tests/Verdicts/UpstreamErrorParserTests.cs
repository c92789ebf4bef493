using System.Text;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Verdicts;

public class UpstreamErrorParserTests
{
    [Fact]
    public void Parse_TwoOfEachDetail_TheFirstCountsAndQuotasAddUp()
    {
        var error = Parse("""
            {"@type":"x/google.rpc.ErrorInfo","reason":"FIRST","metadata":{"consumer":"projects/1","quota_limit":"ALimitPerDay"}},
            {"@type":"x/google.rpc.ErrorInfo","reason":"SECOND","metadata":{"consumer":"projects/2","quota_limit":"AnotherPerDay"}},
            {"@type":"x/google.rpc.RetryInfo","retryDelay":"5s"},
            {"@type":"x/google.rpc.RetryInfo","retryDelay":"7s"},
            {"@type":"x/google.rpc.QuotaFailure","violations":[{"quotaId":"a","quotaValue":"20","quotaMetric":"metric of a"}]},
            {"@type":"x/google.rpc.QuotaFailure","violations":[{"quotaId":"b"}]}
            """);

        Assert.Equal("FIRST", error.Reason);
        Assert.Equal("projects/1", error.Consumer);
        Assert.Equal("ALimitPerDay", error.NamedQuota?.Id);
        Assert.Equal(TimeSpan.FromSeconds(5), error.RetryDelay);
        Assert.Equal([new QuotaViolation("a", 20, "metric of a"), new QuotaViolation("b", null, "")], error.Quotas);
    }

    [Theory]
    [InlineData("""{"quota_limit":"PerDay","quota_limit_value":"50","quota_metric":"m"}""", "PerDay", 50L, "m")]
    [InlineData("""{"quota_limit":"PerDay"}""", "PerDay", null, "")]
    [InlineData("""{"quota_metric":"m"}""", "", null, "m")]
    [InlineData("""{"quota_limit":"PerDay","quota_metric":""}""", "PerDay", null, "")]
    public void Parse_QuotaInMetadataAlone_IsTheViolatedOne(string metadata, string id, long? value, string metric)
    {
        var named = $$"""{"@type":"x/google.rpc.ErrorInfo","metadata":{{metadata}}}""";

        Assert.Equal([new QuotaViolation(id, value, metric)], Parse(named).Quotas);
        Assert.Equal([new QuotaViolation(id, value, metric)], Parse(named, """{"@type":"x/google.rpc.QuotaFailure","violations":[{"quotaValue":"1"}]}""").Quotas);
    }

    [Theory]
    [InlineData("""{"quotaId":"an id"}""", "an id", "")]
    [InlineData("""{"quotaMetric":"a metric"}""", "", "a metric")]
    public void Parse_QuotaInMetadataToo_TheFailureCounts(string violation, string id, string metric)
    {
        var error = Parse("""{"@type":"x/google.rpc.ErrorInfo","metadata":{"quota_limit":"PerDay"}}""", $$"""{"@type":"x/google.rpc.QuotaFailure","violations":[{{violation}}]}""");

        Assert.Equal([new QuotaViolation(id, null, metric)], error.Quotas);
    }

    [Theory]
    [InlineData("""{"quota_limit":"","quota_metric":""}""")]
    [InlineData("""{"quota_limit":7}""")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    public void Parse_MetadataNamesNoQuota_ThereIsNone(string metadata)
    {
        var error = Parse($$"""{"@type":"x/google.rpc.ErrorInfo","reason":"R","metadata":{{metadata}}}""");

        Assert.Equal("R", error.Reason);
        Assert.Null(error.NamedQuota);
        Assert.Empty(error.Quotas);
    }

    // One detail that is not as it should be takes nothing from the others.
    [Theory]
    [InlineData("""{"@type":"x/google.rpc.QuotaFailure"}""")]
    [InlineData("""{"@type":"x/google.rpc.QuotaFailure","violations":{}}""")]
    [InlineData("""{"@type":"x/google.rpc.QuotaFailure","violations":["text"]}""")]
    [InlineData("""{"violations":[{"quotaId":"a"}]}""")]
    [InlineData("7")]
    public void Parse_DetailIsNotAsItShouldBe_IsPassedOver(string detail)
    {
        var error = Parse(detail, """{"@type":"x/google.rpc.ErrorInfo","reason":"R"}""");

        Assert.Equal("R", error.Reason);
        Assert.Empty(error.Quotas);
    }

    // A suspended key is named there as a whole: it must not get into what is kept and compared.
    [Theory]
    [InlineData("projects/123", "projects/123")]
    [InlineData("api_key:a-key-as-a-whole", null)]
    [InlineData("a/projects/123", null)]
    public void Parse_Consumer_IsKeptWhenItIsAProject(string consumer, string? kept) =>
        Assert.Equal(kept, Parse($$$"""{"@type":"x/google.rpc.ErrorInfo","metadata":{"consumer":"{{{consumer}}}"}}""").Consumer);

    [Theory]
    [InlineData("\"fieldViolations\":[{\"field\":\"contents\"}]", true)]
    [InlineData("\"fieldViolations\":[]", false)]
    [InlineData("\"fieldViolations\":{}", false)]
    [InlineData("\"other\":[{}]", false)]
    public void Parse_FieldViolations_CountWhereThereAreSome(string field, bool blamed)
    {
        var badRequest = $$"""{"@type":"x/google.rpc.BadRequest",{{field}}}""";

        Assert.Equal((blamed, 429), (Parse(badRequest).HasFieldViolations, Parse(badRequest).Code));
        Assert.Equal(blamed, Parse(badRequest, """{"@type":"x/google.rpc.BadRequest"}""").HasFieldViolations);
    }

    [Theory]
    [InlineData("""{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"m"}}""", 429, "RESOURCE_EXHAUSTED", null, "m")]
    [InlineData("""[{"error":{"code":"quota_exceeded","message":"m"}}]""", null, "quota_exceeded", "quota_exceeded", "m")]
    [InlineData("""{"error":{"code":"a_word","status":"A_STATUS"}}""", null, "A_STATUS", "a_word", "")]
    [InlineData("""{"error":{"code":1.5}}""", null, null, null, "")]
    [InlineData("""{"error":{"code":true}}""", null, null, null, "")]
    [InlineData("""{"error":{"code":429,"details":{}}}""", 429, null, null, "")]
    [InlineData("""{"error":{}}""", null, null, null, "")]
    [InlineData("""[{"error":{"code":429}},{"error":{"code":429}}]""", null, null, null, "")]
    public void Parse_CodeAndWords_AreReadFromEachShape(string body, int? code, string? status, string? word, string message)
    {
        var error = UpstreamErrorParser.Parse(Encoding.UTF8.GetBytes(body));

        Assert.Equal((code, status, word, message), (error.Code, error.Status, error.Word, error.Message));
        Assert.Equal("", UpstreamError.Unreadable.Message);
    }

    [Theory]
    [InlineData("19s", 19.0)]
    [InlineData("0.5s", 0.5)]
    [InlineData("0s", 0.0)]
    [InlineData("100000s", 86400.0)]
    [InlineData("-1s", null)]
    [InlineData("19", null)]
    [InlineData("s", null)]
    [InlineData("NaNs", null)]
    public void Parse_RetryDelay_IsAtMostADayAndNeverNegative(string text, double? seconds) =>
        Assert.Equal(seconds, Parse($$"""{"@type":"x/google.rpc.RetryInfo","retryDelay":"{{text}}"}""").RetryDelay?.TotalSeconds);

    private static UpstreamError Parse(params string[] details) =>
        UpstreamErrorParser.Parse(Encoding.UTF8.GetBytes($$$"""{"error":{"code":429,"details":[{{{string.Join(',', details)}}}]}}"""));
}
