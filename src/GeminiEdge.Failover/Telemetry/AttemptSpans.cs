using System.Diagnostics;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Telemetry;

/// <summary>Ends the span of each attempt with what its log line says: never a prompt, an answer or a key.</summary>
internal sealed class AttemptSpans(ForwardingOptions options, ModelNames models, KeyMask mask) : FailoverObserver
{
    private readonly Uri _upstream = new(options.BaseUrl);

    public override void AttemptEnded(in AttemptRecord attempt)
    {
        if (attempt.Span is { } span)
        {
            End(span, in attempt);
        }
    }

    private void End(Activity span, in AttemptRecord attempt)
    {
        // Names are few, so that spans can be grouped by them; the attribute is what was asked for.
        var operation = GenAi.Operation(in attempt);
        span.DisplayName = models.Asked(in attempt) is { } model ? $"{operation} {model}" : operation;
        if (span.IsAllDataRequested)
        {
            Describe(span, in attempt, operation);
        }

        // Those who left, and a hedge that lost, are no errors.
        if (attempt.Event.Name is "gemini_fail" or "gemini_reject")
        {
            span.SetStatus(ActivityStatusCode.Error);
        }

        // It is told later than it ended: only when it is known what follows.
        span.SetEndTime(span.StartTimeUtc + attempt.Duration);
        EdgeSpans.Stop(span);
    }

    private void Describe(Activity span, in AttemptRecord attempt, string operation)
    {
        span.SetTag(GenAi.OperationName, operation)
            .SetTag(GenAi.ProviderName, GenAi.Provider)
            .SetTag(GenAi.RequestModel, Clean(attempt.Model))
            .SetTag(GenAi.ResponseModel, Clean(attempt.ModelVersion))
            .SetTag(GenAi.InputTokens, attempt.PromptTokens)
            .SetTag(GenAi.OutputTokens, attempt.OutputTokens)
            .SetTag(GenAi.ServerAddress, _upstream.Host)
            .SetTag(GenAi.ServerPort, _upstream.Port)
            .SetTag(GenAi.Status, attempt.Status)
            .SetTag(GenAi.ErrorType, GenAi.Error(in attempt))
            .SetTag(GenAi.RequestId, attempt.RequestId)
            .SetTag(GenAi.Slot, attempt.Key.Slot.Name())
            .SetTag(GenAi.KeyId, attempt.Key.Id)
            .SetTag(GenAi.KeyVersion, attempt.Key.Version)
            .SetTag(GenAi.Verdict, Consequence.Of(attempt.Verdict).Name)
            .SetTag(GenAi.Next, attempt.Next.Name())
            .SetTag(GenAi.Attempt, attempt.Attempt)
            .SetTag(GenAi.Round, attempt.Round)
            .SetTag(GenAi.Hedge, attempt.IsHedge)
            .SetTag(GenAi.Waited, attempt.WaitedMilliseconds)
            .SetTag(GenAi.Cooldown, (long?)attempt.Cooldown?.TotalSeconds)
            .SetTag(GenAi.FallbackFrom, Clean(attempt.FallbackFrom));
    }

    private string? Clean(string? text) => text is null ? null : mask.Clean(text);
}
