using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>An attempt as the reference remembers it: when it began, and whether it is the try of a skipped key.</summary>
internal sealed record ReferenceAttempt(ReferenceKey Key, string Model, CallKind Kind, long Began, int Try);

/// <summary>
/// What the design says about one key, in its own words and by the wall clock, so that the edge's memory can be held
/// against it. Slow and plain on purpose.
/// </summary>
internal sealed class ReferenceKey(string value, TimeProvider time)
{
    private static readonly int[] ClosureSeconds = [1, 2, 4, 8, 16, 30];

    private readonly Dictionary<(string Model, CallKind Kind), Trouble> _models = [];
    private readonly Dictionary<CallKind, Trouble> _kinds = [];
    private readonly Dictionary<CallKind, ReferenceGate> _gates = Enum.GetValues<CallKind>().ToDictionary(kind => kind, _ => new ReferenceGate());
    private readonly Dictionary<CallKind, long> _proved = [];
    private Trouble? _key;
    private long _moment;

    private sealed record Trouble(Verdict Cause, DateTimeOffset Trial, DateTimeOffset End, int Strikes, long Began);

    public string Value => value;

    /// <summary>Google has named its project; in the simulation all keys have one and the same.</summary>
    public bool ProjectIsKnown { get; set; }

    /// <summary>When something was last found out about it that may keep calls from it, or lets them come.</summary>
    public DateTimeOffset QuietSince { get; private set; }

    public bool IsLeaked => _key?.Cause == Verdict.KeyLeaked;

    /// <summary>Nothing stands against it, for whatever it may be asked.</summary>
    public bool IsUntroubled => new[] { _key }.Concat(_kinds.Values).Concat(_models.Values).All(trouble => trouble is null || Now >= trouble.End);

    private DateTimeOffset Now => time.GetUtcNow();

    /// <summary>It is rejected for such calls: it has no say in what becomes of one.</summary>
    public bool IsDead(string model, CallKind kind) => Of(model, kind).FirstOrDefault(trouble => Now < trouble.End) is { } first && Kills(first.Cause);

    public bool IsAvailable(string model, CallKind kind) => Of(model, kind).All(trouble => Now >= trouble.End);

    /// <summary>Its rest is over, and one request may find out whether it works.</summary>
    public bool IsDue(string model, CallKind kind) =>
        !IsAvailable(model, kind) && Of(model, kind).All(trouble => Now >= trouble.Trial) && _gates[kind].IsOpen(Now);

    /// <summary>Nothing stands against it, not even a rest that is over.</summary>
    public bool IsClear(string model, CallKind kind) => !Of(model, kind).Any();

    /// <summary>One who has waited for it may use it: whoever goes first after a rest goes through the gate.</summary>
    public bool IsOpenToWaiter(string model, CallKind kind) =>
        IsClear(model, kind) || (Of(model, kind).All(trouble => Now >= trouble.Trial) && _gates[kind].IsOpen(Now));

    /// <summary>How long until it comes back by itself; null where that takes a proof.</summary>
    /// <param name="withGate">And until its gate lets the first one in.</param>
    public TimeSpan? ReturnsIn(string model, CallKind kind, bool withGate)
    {
        var against = Of(model, kind).ToList();
        if (against.Count == 0)
        {
            return TimeSpan.Zero;
        }

        var end = against.Max(trouble => trouble.End);
        foreach (var moment in withGate ? new[] { _gates[kind].Closed, _gates[kind].Held } : [])
        {
            end = moment > end ? moment : end;
        }

        return end == DateTimeOffset.MaxValue ? null : end > Now ? end - Now : TimeSpan.Zero;
    }

    /// <summary>It is out of use for whatever model: rejected, or out of money.</summary>
    /// <param name="kind">What it would be asked for.</param>
    /// <param name="orMisread">Also where our credential has not been understood.</param>
    public bool IsOutOfUse(CallKind kind, bool orMisread) =>
        new[] { _key, _kinds.GetValueOrDefault(kind) }.Any(trouble => trouble is not null && Now < trouble.End && (orMisread || trouble.Cause != Verdict.CredentialRefused));

    /// <summary>It rests because the model can't be had with it.</summary>
    public bool RestsForModel(string model, CallKind kind) => _models.GetValueOrDefault((model, kind)) is { } trouble && Now < trouble.End;

    /// <summary>It may be tried because no other key is left.</summary>
    public bool IsLastResort(CallKind kind) => !IsLeaked && _gates[kind].IsOpen(Now);

    /// <summary>Somebody is finding out just now whether it works.</summary>
    public bool IsBeingTried(CallKind kind) => !IsLeaked && Now < _gates[kind].Held;

    /// <summary>An answer of this kind says that the key is dead.</summary>
    public static bool Kills(Verdict verdict) =>
        verdict is Verdict.KeyInvalid or Verdict.KeyLeaked or Verdict.KeyBlocked or Verdict.ProjectDenied;

    /// <param name="hasWaited">By a request that has waited for a key.</param>
    public ReferenceAttempt Begin(string model, CallKind kind, bool hasWaited)
    {
        if (hasWaited ? IsClear(model, kind) : IsAvailable(model, kind))
        {
            return new ReferenceAttempt(this, model, kind, _moment, 0);
        }

        _gates[kind].Held = Now.AddSeconds(10);
        return new ReferenceAttempt(this, model, kind, _moment, ++_gates[kind].Tries);
    }

    public void End(ReferenceAttempt attempt, Verdict verdict)
    {
        if (attempt.Began < _proved.GetValueOrDefault(attempt.Kind) && verdict is not (Verdict.Ok or Verdict.KeyLeaked))
        {
            return;
        }

        switch (verdict)
        {
            case Verdict.Ok:
                Heal(attempt);
                Free(attempt);
                break;
            case Verdict.CallerError or Verdict.ClientGone or Verdict.ResourceDenied or Verdict.RequestTooLargeForQuota:
            case Verdict.CredentialRefused when attempt.Kind != CallKind.OpenAi: // The form of our credential is that route's matter.
                Free(attempt);
                break;
            default:
                Close(attempt);
                Remember(attempt, verdict);
                break;
        }
    }

    /// <summary>The attempt told nothing of the key.</summary>
    public void Free(ReferenceAttempt attempt)
    {
        if (attempt.Try != 0 && attempt.Try == _gates[attempt.Kind].Tries)
        {
            _gates[attempt.Kind].Held = default;
        }
    }

    private IEnumerable<Trouble> Of(string model, CallKind kind) =>
        new[] { _key, _kinds.GetValueOrDefault(kind), _models.GetValueOrDefault((model, kind)) }.OfType<Trouble>();

    private void Heal(ReferenceAttempt attempt)
    {
        var (model, kind) = (attempt.Model, attempt.Kind);
        // A try knew what stands against its kind of call; what another kind has found out of the key since, it didn't.
        if (IsLeaked || _key?.Began > attempt.Began || (attempt.Try == 0 && Of(model, kind).Any(trouble => trouble.Began > attempt.Began)))
        {
            return;
        }

        var isProof = !IsAvailable(model, kind);
        QuietSince = _key is not null || Of(model, kind).Any() ? Now : QuietSince;
        _moment += isProof ? 1 : 0;
        foreach (var healed in _key is not null ? Enum.GetValues<CallKind>() : Of(model, kind).Any() ? [kind] : [])
        {
            _gates[healed].Open();
            _proved[healed] = isProof ? _moment : _proved.GetValueOrDefault(healed);
        }

        if (_models.GetValueOrDefault((model, kind)) is { } quota)
        {
            // One quota of several kinds: it is back for all of them.
            foreach (var shared in _models.Where(entry => ReferenceEquals(entry.Value, quota)).ToList())
            {
                _models.Remove(shared.Key);
            }
        }

        _key = null;
        _kinds.Remove(kind);
    }

    private void Close(ReferenceAttempt attempt)
    {
        QuietSince = attempt.Try != 0 ? Now : QuietSince;
        Free(attempt);
        if (attempt.Try != 0)
        {
            var gate = _gates[attempt.Kind];
            gate.Closed = Now.AddSeconds(ClosureSeconds[Math.Min(gate.Closures++, 5)]);
        }
    }

    private void Remember(ReferenceAttempt attempt, Verdict verdict)
    {
        var (model, kind) = (attempt.Model, attempt.Kind);
        CallKind[] metered = verdict switch
        {
            // The fixtures name a metric of generate_content.
            Verdict.QuotaNone or Verdict.QuotaDay or Verdict.QuotaMinute => [CallKind.Generate, CallKind.Grounded, CallKind.OpenAi, kind],
            Verdict.QuotaUnknown => [kind],
            Verdict.ModelUnavailable => Enum.GetValues<CallKind>(),
            _ => [],
        };

        // What names no model is refused for its own kind alone, and a model that isn't named can't be closed.
        metered = model.Length > 0 ? metered : verdict == Verdict.ModelUnavailable ? [] : [.. metered.Intersect([kind])];
        var ofKey = verdict is Verdict.KeyInvalid or Verdict.KeyLeaked or Verdict.BillingExhausted;
        var ofKind = verdict is Verdict.KeyBlocked or Verdict.ProjectDenied or Verdict.CredentialRefused;
        if (IsLeaked || !(ofKey || ofKind || metered.Length > 0))
        {
            return;
        }

        if (metered.Length > 0 && attempt.Try != 0 && !(_key?.Began > attempt.Began))
        {
            QuietSince = Now;
            _key = null;
            _kinds.Remove(kind);
        }

        var present = ofKey ? _key : ofKind ? _kinds.GetValueOrDefault(kind) : _models.GetValueOrDefault((model, kind));
        var isOld = present is not null && attempt.Try == 0 && present.Began > attempt.Began;
        var isServed = present is not null && present.Cause == verdict && Now < present.Trial;
        if (verdict != Verdict.KeyLeaked && (isOld || isServed))
        {
            return;
        }

        QuietSince = Now;
        var trouble = Begin(verdict, present?.Cause == verdict ? present.Strikes + 1 : 1);
        if (ofKey)
        {
            _key = trouble;
        }
        else if (ofKind)
        {
            _kinds[kind] = trouble;
        }

        foreach (var other in metered)
        {
            // What another kind rests for may last longer.
            if (other == kind || !(_models.GetValueOrDefault((model, other))?.End > trouble.End))
            {
                _models[(model, other)] = trouble;
            }
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
            Verdict.CredentialRefused => Same(Now.AddMinutes(5)),
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
