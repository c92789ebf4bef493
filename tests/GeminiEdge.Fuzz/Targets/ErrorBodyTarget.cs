using System.Collections.Immutable;
using System.Text.Json;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Fuzz.Targets;

/// <summary>The body of an upstream's error: what it says, and what follows from it with any status.</summary>
internal static class ErrorBodyTarget
{
    private static readonly ImmutableArray<int> Statuses = [200, 400, 401, 402, 403, 404, 408, 429, 499, 500, 503, 504];
    private static readonly ImmutableArray<CallKind> Kinds = [CallKind.Generate, CallKind.Embed, CallKind.OpenAi, CallKind.Other];

    public static void Run(byte[] input)
    {
        var error = UpstreamErrorParser.Parse(input);
        Promise.That(error.RetryDelay is null || (error.RetryDelay >= TimeSpan.Zero && error.RetryDelay <= TimeSpan.FromDays(1)), "A delay is from none to a day.");
        Promise.That(error.Consumer is null || error.Consumer.StartsWith("projects/", StringComparison.Ordinal), "What is kept of a consumer is a project.");
        Promise.That(WaitInWords.Find(error.Message) is not { } wait || (wait > TimeSpan.Zero && wait <= TimeSpan.FromDays(1)), "A wait in words is at most a day.");
        Promise.That(InnerStatus.Of(error) is >= 400 and < 600, "An error has an error's status.");
        foreach (var status in Statuses)
        {
            Judge(new UpstreamFailure(status, error, TextBytes: input.Length));
        }

        Compare(error, input);
    }

    private static void Judge(UpstreamFailure failure)
    {
        var verdict = VerdictTable.Judge(failure);
        var consequence = Consequence.Of(verdict);
        Promise.That(verdict != Verdict.Ok, "A failure is none that is ok.");
        foreach (var kind in Kinds)
        {
            var refusal = Refusal.Of(verdict, failure, kind);
            if (refusal.Scope == RefusalScope.Request)
            {
                continue;
            }

            var rests = CooldownLength.Of(verdict, failure, refusal.Scope, strikes: 1, StillTime.Now);
            Promise.That(rests > TimeSpan.Zero, "What rests, rests a while.");
            Promise.That(rests <= TimeSpan.FromDays(1) || consequence.Effect == KeyEffect.RejectForever, "Only a leaked key rests for ever.");
            Promise.That(
                refusal.Scope != RefusalScope.Key || verdict is Verdict.KeyLeaked or Verdict.KeyInvalid or Verdict.BillingExhausted || failure.HasReason("BILLING_DISABLED"),
                "Few verdicts take a key from everybody.");
        }
    }

    private static void Compare(UpstreamError error, byte[] input)
    {
        try
        {
            using var document = JsonDocument.Parse(input);
            var root = document.RootElement is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() == 1 ? list[0] : document.RootElement;
            var outer = root.GetProperty("error");
            var message = outer.GetProperty("message").GetString() ?? "";

            // A name that is half a surrogate pair makes all of it unreadable.
            Promise.That(ReferenceEquals(error, UpstreamError.Unreadable) || error.Message == message, "The message is the one that everybody reads.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            // It is no such error.
        }
    }
}
