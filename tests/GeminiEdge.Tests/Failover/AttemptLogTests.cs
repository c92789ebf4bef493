using System.Text.Json.Nodes;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Telemetry;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Failover;

/// <summary>An app's logger hears of an attempt what the edge's line says.</summary>
public sealed class AttemptLogTests
{
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("Ok", "gemini_ok", "Information")]
    [InlineData("QuotaMinute", "gemini_fail", "Warning")]
    [InlineData("KeyLeaked", "gemini_fail", "Error")]
    [InlineData("CallerError", "gemini_reject", "Information")]
    [InlineData("ClientGone", "gemini_cancel", "Information")]
    public async Task Attempt_HasTheNameTheLevelAndTheFieldsOfTheLine(string verdict, string name, string level)
    {
        var attempt = SampleAttempt.Full() with { Next = NextAction.Return, Verdict = Enum.Parse<Verdict>(verdict) };
        var log = new EventCapture();

        new AttemptLog(new Logger<AttemptLog>(log), new KeyMask()).AttemptEnded(attempt);

        var heard = Assert.Single(log.Events);
        var line = await LineAsync(attempt);
        Assert.Equal((name, level, name), (heard.Name, heard.Level.ToString(), (string?)line["event"]));
        Assert.Equal(
            line.Where(field => field.Key is not ("time" or "level" or "event")).ToDictionary(field => field.Key, field => field.Value!.ToString()),
            heard.Fields.Where(field => field.Key != "{OriginalFormat}").ToDictionary(field => field.Key, field => field.Value is bool flag ? (flag ? "true" : "false") : $"{field.Value}"));
        Assert.Contains($"PRIMARY …wxyz: {line["verdict"]} (429)", heard.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Attempt_CallersTextHoldsTheKey_IsMasked()
    {
        var mask = new KeyMask();
        mask.Learn([SampleAttempt.Full().Key.Key]);
        var log = new EventCapture();

        new AttemptLog(new Logger<AttemptLog>(log), mask).AttemptEnded(SampleAttempt.Full() with { Model = "x-abcdefghijklmnopqrstuvwxyz" });

        Assert.Equal("x-**************************", Assert.Single(log.Events).Fields["model"]);
    }

    private static async Task<JsonObject> LineAsync(AttemptRecord attempt)
    {
        var output = new LogCapture();
        using var pipe = new LinePipe(output, TimeProvider.System);
        new AttemptLines(new JsonLines(pipe.Write, Clock), new KeyMask()).AttemptEnded(attempt);
        return await output.WaitForAsync("attempt");
    }
}
