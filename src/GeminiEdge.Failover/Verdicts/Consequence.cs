using System.Collections.Immutable;

namespace GeminiEdge.Failover.Verdicts;

/// <summary>What an attempt's verdict does to the key's health.</summary>
internal enum KeyEffect
{
    Unchanged,
    Heal,

    /// <summary>Skipped until a try proves it; what it is skipped for, <see cref="Refusal"/> says.</summary>
    Reject,

    /// <summary>The same, and never tried again when the whole key is meant.</summary>
    RejectForever,

    /// <summary>Skipped for a time.</summary>
    Cool,

    /// <summary>Skipped for a time for the model asked for.</summary>
    CoolModel,
}

/// <summary>Where a request goes after an attempt with this verdict.</summary>
internal enum NextStep
{
    /// <summary>The answer goes to the caller.</summary>
    Return,

    /// <summary>The key was refused before anything was done: another key is always harmless.</summary>
    NextKey,

    /// <summary>Something may have been done already: another key only where repeating is harmless.</summary>
    NextKeyIfReplayable,

    /// <summary>Another project may own the resource, if the request names one.</summary>
    NextKeyIfResourceNamed,
}

/// <summary>The verdict's public name and everything that follows from it; one row a verdict.</summary>
/// <param name="Verdict">The row's place in the table.</param>
/// <param name="Name">The name in logs and errors: a public interface.</param>
/// <param name="Effect">What becomes of the key.</param>
/// <param name="Next">What becomes of the request.</param>
/// <param name="CountsAs">What the attempt counts as in the fleet register; null for nothing.</param>
/// <param name="AsIsWhenAllAgree">When every attempt said so, the first answer goes to the caller instead of a 502.</param>
/// <param name="WaitingHelps">The same request may succeed later with nobody doing anything.</param>
/// <param name="Alarm">An operator has to act.</param>
/// <param name="Passes">The key was not refused, and the same try may succeed in a moment: worth a second round.</param>
/// <param name="IsOfModel">It is this model that can't be had: another one may be.</param>
internal sealed record Consequence(
    Verdict Verdict,
    string Name,
    KeyEffect Effect,
    NextStep Next,
    Outcome? CountsAs,
    bool AsIsWhenAllAgree = false,
    bool WaitingHelps = false,
    bool Alarm = false,
    bool Passes = false,
    bool IsOfModel = false)
{
    private static readonly ImmutableArray<Consequence> Rows =
    [
        new(Verdict.Ok, "ok", KeyEffect.Heal, NextStep.Return, Outcome.Ok),
        new(Verdict.KeyInvalid, "key_invalid", KeyEffect.Reject, NextStep.NextKey, Outcome.Key),
        new(Verdict.CredentialRefused, "credential_refused", KeyEffect.Cool, NextStep.NextKey, Outcome.Key, WaitingHelps: true),
        new(Verdict.KeyLeaked, "key_leaked", KeyEffect.RejectForever, NextStep.NextKey, Outcome.Key, Alarm: true),
        new(Verdict.KeyBlocked, "key_blocked", KeyEffect.Reject, NextStep.NextKey, Outcome.Key),
        new(Verdict.ProjectDenied, "project_denied", KeyEffect.Reject, NextStep.NextKey, Outcome.Key),
        new(Verdict.BillingExhausted, "billing_exhausted", KeyEffect.Cool, NextStep.NextKey, Outcome.Quota),
        new(Verdict.RequestTooLargeForQuota, "request_too_large_for_quota", KeyEffect.Unchanged, NextStep.NextKey, Outcome.Caller, AsIsWhenAllAgree: true),
        new(Verdict.QuotaNone, "quota_none", KeyEffect.CoolModel, NextStep.NextKey, Outcome.Quota, IsOfModel: true),
        new(Verdict.QuotaDay, "quota_day", KeyEffect.CoolModel, NextStep.NextKey, Outcome.Quota, WaitingHelps: true, IsOfModel: true),
        new(Verdict.QuotaMinute, "quota_minute", KeyEffect.CoolModel, NextStep.NextKey, Outcome.Quota, WaitingHelps: true, IsOfModel: true),
        new(Verdict.QuotaUnknown, "quota_unknown", KeyEffect.CoolModel, NextStep.NextKey, Outcome.Quota, WaitingHelps: true, IsOfModel: true),
        new(Verdict.ModelUnavailable, "model_unavailable", KeyEffect.CoolModel, NextStep.NextKey, Outcome.Key, IsOfModel: true),
        new(Verdict.Overloaded, "overloaded", KeyEffect.Unchanged, NextStep.NextKeyIfReplayable, Outcome.Upstream, WaitingHelps: true, Passes: true, IsOfModel: true),
        new(Verdict.UpstreamError, "upstream_error", KeyEffect.Unchanged, NextStep.NextKeyIfReplayable, Outcome.Upstream, WaitingHelps: true, Passes: true),
        new(Verdict.UpstreamTimeout, "upstream_timeout", KeyEffect.Unchanged, NextStep.NextKeyIfReplayable, Outcome.Upstream, WaitingHelps: true),
        new(Verdict.Network, "network", KeyEffect.Unchanged, NextStep.NextKeyIfReplayable, Outcome.Upstream, WaitingHelps: true, Passes: true),
        new(Verdict.LocationUnsupported, "location_unsupported", KeyEffect.Unchanged, NextStep.NextKey, Outcome.Upstream, Alarm: true),
        new(Verdict.ResourceDenied, "resource_denied", KeyEffect.Unchanged, NextStep.NextKeyIfResourceNamed, Outcome.Caller, AsIsWhenAllAgree: true),
        new(Verdict.ForbiddenUnknown, "forbidden_unknown", KeyEffect.Unchanged, NextStep.NextKey, Outcome.Key),
        new(Verdict.CallerError, "caller_error", KeyEffect.Unchanged, NextStep.Return, Outcome.Caller),
        new(Verdict.ClientGone, "client_gone", KeyEffect.Unchanged, NextStep.Return, CountsAs: null),
        new(Verdict.Hedge, "hedge", KeyEffect.Unchanged, NextStep.Return, CountsAs: null),
        new(Verdict.EdgeStopped, "edge_stopped", KeyEffect.Unchanged, NextStep.Return, CountsAs: null),
    ];

    /// <summary>The key is dead, so that it has no say in what becomes of a request.</summary>
    public bool KeyIsDead => Effect is KeyEffect.Reject or KeyEffect.RejectForever;

    /// <summary>The row of a verdict.</summary>
    public static Consequence Of(Verdict verdict) => Rows[(int)verdict];
}
