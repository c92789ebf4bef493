using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Verdicts;

public class QuotaMeterTests
{
    [Theory]
    [InlineData("generativelanguage.googleapis.com/generate_content_free_tier_requests", "", "Generate", "generate grounded openai")]
    [InlineData("", "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "Generate", "generate grounded openai")]
    [InlineData("", "GenerateContentInputTokensPerModelPerMinute-FreeTier", "OpenAi", "generate grounded openai")]
    [InlineData("generativelanguage.googleapis.com/generate_content_paid_tier_input_token_count", "", "Batch", "generate grounded batch openai")]
    [InlineData("generativelanguage.googleapis.com/batch_generate_content_enqueued_tokens", "", "Batch", "batch")]
    [InlineData("generativelanguage.googleapis.com/generate_content_grounded_requests", "", "Grounded", "grounded")]
    [InlineData("", "GroundingWithGoogleSearchRequestsPerDay", "Grounded", "grounded")]
    [InlineData("generativelanguage.googleapis.com/search_grounding_requests", "GenerateContentPerDay", "Grounded", "grounded")]
    [InlineData("generativelanguage.googleapis.com/embed_content_free_tier_requests", "", "Embed", "embed openai")]
    [InlineData("", "BatchEmbedContentsRequestsPerMinute", "Embed", "embed openai")]
    [InlineData("generativelanguage.googleapis.com/count_tokens_requests", "", "Count", "count")]
    [InlineData("", "PredictRequestsPerDayPerProjectPerModel", "Media", "media")]
    [InlineData("generativelanguage.googleapis.com/cached_content_storage", "", "Cache", "cache")]
    [InlineData("generativelanguage.googleapis.com/file_storage_bytes", "", "File", "file")]
    [InlineData("something.new/of_google", "SomethingPerDay", "Count", "count")]
    public void Of_AMetricOrAnId_IsTheKindsThatItMetersAndTheRefusedOne(string metric, string id, string refusedKind, string kinds)
    {
        var metered = QuotaMeter.Of([new QuotaViolation(id, 1, metric)], Enum.Parse<CallKind>(refusedKind));

        Assert.Equal(kinds, string.Join(' ', Enum.GetValues<CallKind>().Where(metered.Contains).Select(kind => kind.Name())));
    }

    [Fact]
    public void Of_NoQuota_IsTheRefusedKindAlone() => Assert.Equal(CallKinds.Of(CallKind.Grounded), QuotaMeter.Of([], CallKind.Grounded));
}
