using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>An attempt as the reference remembers it: when it began, and whether it is the try of a skipped key.</summary>
internal sealed record ReferenceAttempt(ReferenceKey Key, string Model, long Began, int Try);

/// <summary>
/// What the design says about one key, in its own words and by the wall clock, so that the edge's memory can be held
/// against it. Slow and plain on purpose.
/// </summary>
internal sealed class ReferenceKey(string value, TimeProvider time)
{
    private static readonly int[] ClosureSeconds = [1, 2, 4, 8, 16, 30];

    private readonly Dictionary<string, Trouble> _models = [];
    private Trouble? _key;
    private long _moment;
    private long _proved;
    private DateTimeOffset _gateClosed;
    private DateTimeOffset _gateHeld;
    private int _closures;
    private int _tries;

    private sealed record Trouble(Verdict Cause, DateTimeOffset Trial, DateTimeOffset End, int Strikes, long Began);

    public string Value => value;

    public bool IsLeaked => _key?.Cause == Verdict.KeyLeaked;

    /// <summary>It is rejected: it has no say in what becomes of a request.</summary>
    public bool IsDead => _key is { } trouble && Now < trouble.End && Kills(trouble.Cause);

    private DateTimeOffset Now => time.GetUtcNow();

    private bool GateIsOpen => Now >= _gateClosed && Now >= _gateHeld;

    public bool IsAvailable(string model) => Of(model).All(trouble => Now >= trouble.End);

    /// <summary>Its rest is over, and one request may find out whether it works.</summary>
    public bool IsDue(string model) => !IsAvailable(model) && Of(model).All(trouble => Now >= trouble.Trial) && GateIsOpen;

    /// <summary>It may be tried because no other key is left.</summary>
    public bool IsLastResort => !IsLeaked && GateIsOpen;

    /// <summary>An answer of this kind says that the key is dead.</summary>
    public static bool Kills(Verdict verdict) =>
        verdict is Verdict.KeyInvalid or Verdict.KeyLeaked or Verdict.KeyBlocked or Verdict.ProjectDenied;

    public ReferenceAttempt Begin(string model)
    {
        if (IsAvailable(model))
        {
            return new ReferenceAttempt(this, model, _moment, 0);
        }

        _gateHeld = Now.AddSeconds(10);
        return new ReferenceAttempt(this, model, _moment, ++_tries);
    }

    public void End(ReferenceAttempt attempt, Verdict verdict)
    {
        if (attempt.Began < _proved && verdict != Verdict.KeyLeaked)
        {
            return;
        }

        switch (verdict)
        {
            case Verdict.Ok:
                Heal(attempt);
                break;
            case Verdict.CallerError or Verdict.ClientGone or Verdict.ResourceDenied or Verdict.RequestTooLargeForQuota:
                Free(attempt);
                break;
            default:
                Close(attempt);
                Remember(attempt, verdict);
                break;
        }
    }

    private IEnumerable<Trouble> Of(string model) => new[] { _key, _models.GetValueOrDefault(model) }.OfType<Trouble>();

    private void Heal(ReferenceAttempt attempt)
    {
        if (IsLeaked || (attempt.Try == 0 && Of(attempt.Model).Any(trouble => trouble.Began > attempt.Began)))
        {
            return;
        }

        _proved = IsAvailable(attempt.Model) ? _proved : ++_moment;
        if (Of(attempt.Model).Any())
        {
            _key = null;
            _models.Remove(attempt.Model);
            (_gateClosed, _gateHeld, _closures) = (default, default, 0);
        }
    }

    private void Free(ReferenceAttempt attempt)
    {
        if (attempt.Try != 0 && attempt.Try == _tries)
        {
            _gateHeld = default;
        }
    }

    private void Close(ReferenceAttempt attempt)
    {
        Free(attempt);
        if (attempt.Try != 0)
        {
            _gateClosed = Now.AddSeconds(ClosureSeconds[Math.Min(_closures++, 5)]);
        }
    }

    private void Remember(ReferenceAttempt attempt, Verdict verdict)
    {
        var ofModel = verdict is Verdict.QuotaNone or Verdict.QuotaDay or Verdict.QuotaMinute or Verdict.QuotaUnknown or Verdict.ModelUnavailable;
        if (IsLeaked || (!ofModel && verdict is not (Verdict.KeyInvalid or Verdict.KeyLeaked or Verdict.KeyBlocked
            or Verdict.ProjectDenied or Verdict.BillingExhausted)))
        {
            return;
        }

        _key = ofModel && attempt.Try != 0 ? null : _key;
        var present = ofModel ? _models.GetValueOrDefault(attempt.Model) : _key;
        var isOld = present is not null && attempt.Try == 0 && present.Began > attempt.Began;
        var isServed = present is not null && present.Cause == verdict && Now < present.Trial;
        if (verdict != Verdict.KeyLeaked && (isOld || isServed))
        {
            return;
        }

        var trouble = Begin(verdict, present?.Cause == verdict ? present.Strikes + 1 : 1);
        if (ofModel)
        {
            _models[attempt.Model] = trouble;
        }
        else
        {
            _key = trouble;
        }
    }

    private Trouble Begin(Verdict verdict, int strikes)
    {
        var never = DateTimeOffset.MaxValue;
        var midnight = Now + PacificMidnight.Until(Now);
        var (trial, end) = verdict switch
        {
            Verdict.KeyLeaked => (never, never),
            Verdict.KeyInvalid or Verdict.KeyBlocked or Verdict.ProjectDenied => (Now.AddMinutes(strikes == 1 ? 1 : strikes == 2 ? 5 : 15), never),
            Verdict.BillingExhausted => Same(Now.AddMinutes(Math.Min(60, 10 << Math.Min(strikes - 1, 10)))),
            Verdict.QuotaNone => Same(Now.AddDays(1)),
            Verdict.QuotaDay => (Now.AddMinutes(30) < midnight ? Now.AddMinutes(30) : midnight, midnight),
            Verdict.QuotaMinute => Same(Now.AddSeconds(19 + 1)),
            Verdict.QuotaUnknown => Same(Now.AddSeconds(Math.Min(300, 5 << Math.Min(strikes - 1, 10)))),
            _ => Same(Now.AddHours(1)),
        };
        return new Trouble(verdict, trial, end, strikes, ++_moment);
    }

    private static (DateTimeOffset Trial, DateTimeOffset End) Same(DateTimeOffset end) => (end, end);
}
