using System.Collections.Immutable;

namespace GeminiEdge.Verdicts;

/// <summary>What an attempt's verdict does to the key's health.</summary>
internal enum KeyEffect
{
    Unchanged,
    Heal,
    RejectKey,
    RejectForever,
    CoolKey,
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
/// <param name="Name">The name in logs and errors: a public interface.</param>
/// <param name="Effect">What becomes of the key.</param>
/// <param name="Next">What becomes of the request.</param>
/// <param name="AsIsWhenAllAgree">When every attempt said so, the first answer goes to the caller instead of a 502.</param>
/// <param name="WaitingHelps">The same request may succeed later with nobody doing anything.</param>
/// <param name="Alarm">An operator has to act.</param>
internal sealed record Consequence(
    string Name,
    KeyEffect Effect,
    NextStep Next,
    bool AsIsWhenAllAgree = false,
    bool WaitingHelps = false,
    bool Alarm = false)
{
    private static readonly ImmutableArray<Consequence> Rows =
    [
        new("ok", KeyEffect.Heal, NextStep.Return),
        new("key_invalid", KeyEffect.RejectKey, NextStep.NextKey),
        new("key_leaked", KeyEffect.RejectForever, NextStep.NextKey, Alarm: true),
        new("key_blocked", KeyEffect.RejectKey, NextStep.NextKey),
        new("project_denied", KeyEffect.RejectKey, NextStep.NextKey),
        new("billing_exhausted", KeyEffect.CoolKey, NextStep.NextKey),
        new("request_too_large_for_quota", KeyEffect.Unchanged, NextStep.NextKey, AsIsWhenAllAgree: true),
        new("quota_none", KeyEffect.CoolModel, NextStep.NextKey),
        new("quota_day", KeyEffect.CoolModel, NextStep.NextKey, WaitingHelps: true),
        new("quota_minute", KeyEffect.CoolModel, NextStep.NextKey, WaitingHelps: true),
        new("quota_unknown", KeyEffect.CoolModel, NextStep.NextKey, WaitingHelps: true),
        new("model_unavailable", KeyEffect.CoolModel, NextStep.NextKey),
        new("overloaded", KeyEffect.Unchanged, NextStep.NextKeyIfReplayable, WaitingHelps: true),
        new("upstream_error", KeyEffect.Unchanged, NextStep.NextKeyIfReplayable, WaitingHelps: true),
        new("upstream_timeout", KeyEffect.Unchanged, NextStep.NextKeyIfReplayable, WaitingHelps: true),
        new("network", KeyEffect.Unchanged, NextStep.NextKeyIfReplayable, WaitingHelps: true),
        new("location_unsupported", KeyEffect.Unchanged, NextStep.NextKey, Alarm: true),
        new("resource_denied", KeyEffect.Unchanged, NextStep.NextKeyIfResourceNamed, AsIsWhenAllAgree: true),
        new("forbidden_unknown", KeyEffect.Unchanged, NextStep.NextKey),
        new("caller_error", KeyEffect.Unchanged, NextStep.Return),
        new("client_gone", KeyEffect.Unchanged, NextStep.Return),
    ];

    /// <summary>The key is dead, so that it has no say in what becomes of a request.</summary>
    public bool KeyIsDead => Effect is KeyEffect.RejectKey or KeyEffect.RejectForever;

    /// <summary>The row of a verdict.</summary>
    public static Consequence Of(Verdict verdict) => Rows[(int)verdict];
}
