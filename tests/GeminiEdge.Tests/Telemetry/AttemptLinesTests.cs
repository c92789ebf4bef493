using System.Text.Json.Nodes;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Telemetry;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Telemetry;

public class AttemptLinesTests
{
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Attempt_EveryFieldSet_IsOneLineWithTheDocumentedFields()
    {
        var line = await WrittenAsync(SampleAttempt.Full());

        Assert.Equal(
            """
            {"time":"2026-11-23T12:00:00Z","level":"warning","event":"gemini_fail","key_id":"wxyz","slot":"PRIMARY","key_version":"v7","request_id":"r-1","attempt":2,"model":"gemini-flash-latest","fallback_from":"gemini-pro-latest","method":"generateContent","kind":"grounded","status":429,"google_status":"RESOURCE_EXHAUSTED","verdict":"quota_minute","network":"reset","next":"next_key","duration_ms":1500,"ttft_ms":250,"streamed":true,"committed":false,"cooldown_s":20,"round":2,"hedge":true,"waited_ms":2000,"prompt_tokens":3,"output_tokens":5,"hops":1}
            """,
            line);
    }

    [Theory]
    [InlineData("Ok", "Return", "gemini_ok", "info")]
    [InlineData("ClientGone", "Return", "gemini_cancel", "info")]
    [InlineData("Hedge", "Return", "gemini_cancel", "info")]
    [InlineData("CallerError", "Return", "gemini_reject", "info")]
    [InlineData("CallerError", "NextKey", "gemini_reject", "info")]
    [InlineData("ResourceDenied", "Return", "gemini_reject", "info")]
    [InlineData("ResourceDenied", "NextKey", "gemini_fail", "warning")]
    [InlineData("RequestTooLargeForQuota", "Exhausted", "gemini_fail", "warning")]
    [InlineData("KeyInvalid", "NextKey", "gemini_fail", "warning")]
    [InlineData("Overloaded", "Return", "gemini_fail", "warning")]
    [InlineData("KeyLeaked", "NextKey", "gemini_fail", "error")]
    [InlineData("LocationUnsupported", "Exhausted", "gemini_fail", "error")]
    public async Task Attempt_VerdictAndNext_NameTheEvent(string verdict, string next, string expected, string level)
    {
        var line = JsonNode.Parse(await WrittenAsync(SampleAttempt.Full() with { Verdict = Enum.Parse<Verdict>(verdict), Next = Enum.Parse<NextAction>(next) }))!;

        Assert.Equal(expected, line["event"]!.GetValue<string>());
        Assert.Equal(level, line["level"]!.GetValue<string>());
    }

    [Fact]
    public async Task Attempt_CallersTextHoldsTheKey_IsMasked()
    {
        var line = JsonNode.Parse(await WrittenAsync(SampleAttempt.Full() with { Model = "x-abcdefghijklmnopqrstuvwxyz", GoogleStatus = "abcdefghij" }))!;

        Assert.Equal("x-**************************", line["model"]!.GetValue<string>());
        Assert.Equal("**********", line["google_status"]!.GetValue<string>());
    }

    private static async Task<string> WrittenAsync(AttemptRecord attempt)
    {
        var log = new LogCapture();
        using var pipe = new LinePipe(log, TimeProvider.System);
        new AttemptLines(new JsonLines(pipe.Write, Clock), Mask()).AttemptEnded(attempt);
        await log.WaitForAsync("attempt");
        return log.Lines.Single();
    }

    private static KeyMask Mask()
    {
        var mask = new KeyMask();
        mask.Learn([Key()]);
        return mask;
    }

    private static ApiKey Key() => ApiKey.Create("abcdefghijklmnopqrstuvwxyz").Key!;
}
