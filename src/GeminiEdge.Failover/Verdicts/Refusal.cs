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
    private static readonly ImmutableArray<(Func<Verdict, UpstreamFailure?, CallKind, bool> Matches, RefusalScope Scope)> Rows =
    [
        ((v, _, _) => Consequence.Of(v).Effect is KeyEffect.Unchanged or KeyEffect.Heal, RefusalScope.Request),

        // What stands in an answer that began as a success is the weakest evidence there is, and this would be for ever.
        ((v, f, _) => v == Verdict.KeyLeaked && f?.InSuccess != true, RefusalScope.Key),
        ((v, f, _) => v == Verdict.KeyInvalid && f?.SaysKeyIsInvalid == true, RefusalScope.Key),
        ((_, f, _) => f?.IsAboutAnotherProject == true, RefusalScope.Request),
        ((v, _, _) => Consequence.Of(v).Effect is KeyEffect.CoolModel, RefusalScope.Model),
        ((v, _, _) => v == Verdict.BillingExhausted, RefusalScope.Key),
        ((_, f, _) => f?.HasReason("BILLING_DISABLED") == true, RefusalScope.Key),

        // The form of our credential is a matter of the OpenAI route alone.
        ((v, _, kind) => v == Verdict.CredentialRefused && kind != CallKind.OpenAi, RefusalScope.Request),
        ((_, _, _) => true, RefusalScope.Kind),
    ];

    /// <summary>What this verdict on a call of this kind is about.</summary>
    public static Refusal Of(Verdict verdict, UpstreamFailure? failure, CallKind kind)
    {
        foreach (var (matches, scope) in Rows)
        {
            if (matches(verdict, failure, kind))
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
