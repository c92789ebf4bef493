using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Verdicts;

/// <summary>What is nearly a row of the table, and is none.</summary>
public class VerdictRowTests
{
    [Theory]
    [InlineData("API_KEY_SERVICE_BLOCKED", "key_blocked")]
    [InlineData("API_KEY_SOMETHING_NEW", "forbidden_unknown")]
    [InlineData("SOMETHING_ELSE_BLOCKED", "forbidden_unknown")]
    public void Judge_ReasonOfARefusal_HasToBeginAndEndLikeABlockedKeys(string reason, string verdict) => Assert.Equal(verdict, Judge(403, reason: reason));

    // A caller can have Google quote these words.
    [Theory]
    [InlineData(429, null, false, "billing_exhausted")]
    [InlineData(429, "RATE_LIMIT_EXCEEDED", false, "quota_unknown")]
    [InlineData(429, null, true, "quota_unknown")]
    [InlineData(400, null, false, "caller_error")]
    public void Judge_MoneyIsGone_CountsInA429WithoutDetailsAlone(int status, string? reason, bool blamesField, string verdict) =>
        Assert.Equal(verdict, Judge(status, "Your prepayment credits are depleted.", reason, blamesField));

    [Theory]
    [InlineData(400, null, false, "model_unavailable")]
    [InlineData(403, null, false, "model_unavailable")]
    [InlineData(404, null, false, "caller_error")]
    [InlineData(400, "SOMETHING", false, "caller_error")]
    [InlineData(400, null, true, "caller_error")]
    public void Judge_ModelForBilledUsers_CountsInARefusalWithoutDetailsAlone(int status, string? reason, bool blamesField, string verdict) =>
        Assert.Equal(verdict, Judge(status, "Imagen API is only accessible to billed users at this time.", reason, blamesField));

    private static string Judge(int status, string message = "", string? reason = null, bool blamesField = false) =>
        Consequence.Of(VerdictTable.Judge(new UpstreamFailure(status, new UpstreamError { Message = message, Reason = reason, HasFieldViolations = blamesField }))).Name;
}
