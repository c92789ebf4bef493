using System.Collections.Immutable;

namespace GeminiEdge.Failover.Verdicts;

/// <summary>
/// What a refusal is about, so that no caller's call takes a key from the others: only a key that Google doesn't know,
/// that leaked, or whose account has no money counts as a whole; whatever else Google refuses, it refuses to one kind of call.
/// </summary>
/// <param name="Scope">What rests.</param>
/// <param name="Kinds">For which kinds of call.</param>
internal readonly record struct Refusal(RefusalScope Scope, CallKinds Kinds)
{
    private static readonly ImmutableArray<(Func<Verdict, UpstreamFailure?, bool> Matches, RefusalScope Scope)> Rows =
    [
        ((v, _) => Consequence.Of(v).Effect is KeyEffect.Unchanged or KeyEffect.Heal, RefusalScope.Request),
        ((v, _) => Consequence.Of(v).Effect is KeyEffect.CoolModel, RefusalScope.Model),
        ((v, _) => v == Verdict.BillingExhausted, RefusalScope.Key),
        ((_, f) => f?.HasReason("BILLING_DISABLED") == true, RefusalScope.Key),

        // What stands in an answer that began as a success is the weakest evidence there is, and this would be for ever.
        ((v, f) => v == Verdict.KeyLeaked && f?.InSuccess != true, RefusalScope.Key),
        ((v, f) => v == Verdict.KeyInvalid && f?.SaysKeyIsInvalid == true, RefusalScope.Key),

        // The method takes no API keys at all.
        ((v, f) => v == Verdict.KeyInvalid && f?.HasReason("CREDENTIALS_MISSING") == true, RefusalScope.Request),
        ((_, f) => f?.IsAboutAnotherProject == true, RefusalScope.Request),
        ((_, _) => true, RefusalScope.Kind),
    ];

    /// <summary>What this verdict on a call of this kind is about.</summary>
    public static Refusal Of(Verdict verdict, UpstreamFailure? failure, CallKind kind)
    {
        foreach (var (matches, scope) in Rows)
        {
            if (matches(verdict, failure))
            {
                return new Refusal(scope, KindsOf(scope, verdict, failure, kind));
            }
        }

        return default;
    }

    private static CallKinds KindsOf(RefusalScope scope, Verdict verdict, UpstreamFailure? failure, CallKind kind) => scope switch
    {
        RefusalScope.Request => default,
        RefusalScope.Key => CallKinds.All,
        RefusalScope.Model when verdict == Verdict.ModelUnavailable => CallKinds.All,
        RefusalScope.Model => QuotaMeter.Of(failure?.Error.Quotas ?? [], kind),
        _ => CallKinds.Of(kind),
    };
}
