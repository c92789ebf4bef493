using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Keys;

/// <summary>
/// What this instance remembers of one key value: whether it may be used for a model, and what each attempt taught.
/// </summary>
/// <remarks>
/// Attempts overlap, so results arrive late: a herd that was in flight when a key died must not count as many
/// deaths, and a success that began before a rejection does not undo it, nor a failure a proof. Each trouble, and each
/// proof that a skipped key works, therefore begins an epoch, and a result says nothing about what is newer than its
/// attempt; only a try through the gate knew the trouble it tried.
/// </remarks>
internal sealed class KeyHealth(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Gate _gate = new(time);
    private readonly ModelCooldowns _models = new(time);
    private Cooldown? _key;
    private int _epoch;
    private int _proofEpoch;
    private bool _proved;

    // True while anything below the fast path could matter: any cooldown, running or just not yet disproved.
    private volatile bool _troubled;

    /// <summary>No cooldown is running, neither of the key nor for any model.</summary>
    public bool IsUntroubled
    {
        get
        {
            if (!_troubled)
            {
                return true;
            }

            lock (_lock)
            {
                return HasEnded(_key) && !_models.IsAnyRunning;
            }
        }
    }

    /// <summary>The key would be used without going through its gate. Null asks for the key as a whole.</summary>
    public bool IsAvailable(string? model)
    {
        if (!_troubled)
        {
            return true;
        }

        lock (_lock)
        {
            return model is null ? HasEnded(_key) : IsAvailable_NeedsLock(model);
        }
    }

    /// <summary>The key may be used, or is due for a trial that would be let in.</summary>
    public bool IsCandidate(string model)
    {
        if (!_troubled)
        {
            return true;
        }

        lock (_lock)
        {
            return IsAvailable_NeedsLock(model) || (IsTrialDue_NeedsLock(model) && _gate.IsOpen);
        }
    }

    /// <summary>Leave to attempt, if the key is available or this request is the one to try it.</summary>
    public KeyPass? TryBegin(string model)
    {
        if (!_troubled)
        {
            return new KeyPass(model, Volatile.Read(ref _epoch), 0);
        }

        lock (_lock)
        {
            if (IsAvailable_NeedsLock(model))
            {
                return new KeyPass(model, _epoch, 0);
            }

            return IsTrialDue_NeedsLock(model) ? TryEnterGate_NeedsLock(model) : null;
        }
    }

    /// <summary>Leave to try a skipped key because no other is left: through its gate, and never a leaked one.</summary>
    public KeyPass? TryBeginLastResort(string model)
    {
        lock (_lock)
        {
            return IsForever_NeedsLock() ? null : TryEnterGate_NeedsLock(model);
        }
    }

    /// <summary>
    /// Leave for what no other key can do, an operator's probe or the rest of an upload: any key but a leaked one,
    /// whatever is remembered of it.
    /// </summary>
    public KeyPass? TryBeginAnyway(string model)
    {
        lock (_lock)
        {
            return IsForever_NeedsLock() ? null : new KeyPass(model, _epoch, 0);
        }
    }

    /// <summary>What an attempt taught.</summary>
    /// <returns>The change of health, if it is one.</returns>
    public KeyStateChange? Report(KeyPass pass, Verdict verdict, UpstreamFailure failure = default)
    {
        if (verdict == Verdict.Ok && _proved && !_troubled)
        {
            return null;
        }

        lock (_lock)
        {
            if (pass.Epoch < _proofEpoch && verdict != Verdict.KeyLeaked)
            {
                return null;
            }

            var from = State_NeedsLock(pass.Model);
            switch (Consequence.Of(verdict).Effect)
            {
                case KeyEffect.Heal:
                    if (Knows(pass, _key) && Knows(pass, _models[pass.Model]))
                    {
                        Heal_NeedsLock(pass.Model);
                    }

                    break;
                case KeyEffect.Unchanged:
                    EndTry_NeedsLock(pass, verdict);
                    break;
                default:
                    EndTry_NeedsLock(pass, verdict);
                    Fail_NeedsLock(pass, verdict, failure);
                    break;
            }

            _troubled = _key is not null || _models.Count > 0;
            var to = State_NeedsLock(pass.Model);
            return from == to ? null : new KeyStateChange(from, to, pass.Model, verdict, Length_NeedsLock(pass.Model));
        }
    }

    /// <summary>The health shown to operators. Null asks for the key as a whole.</summary>
    public KeyState State(string? model)
    {
        lock (_lock)
        {
            return State_NeedsLock(model ?? "");
        }
    }

    /// <summary>The cooldown that is being served, for logs and for Retry-After; null when there is none or no end.</summary>
    public TimeSpan? Rest(string model)
    {
        lock (_lock)
        {
            var rest = Longer(Trial(_key), Trial(_models[model]));
            return rest == TimeSpan.Zero || rest == TimeSpan.MaxValue ? null : rest;
        }

        TimeSpan Trial(Cooldown? cooldown) => cooldown?.Trial.Remaining(time) ?? TimeSpan.Zero;
    }

    /// <summary>The verdict that skips the key now.</summary>
    public Verdict? Cause(string model)
    {
        lock (_lock)
        {
            return IsAvailable_NeedsLock(model) ? null : (Running(_key) ?? Running(_models[model]))?.Cause;
        }

        Cooldown? Running(Cooldown? cooldown) => cooldown is not null && !cooldown.End.HasPassed(time) ? cooldown : null;
    }

    private static bool Knows(KeyPass pass, Cooldown? cooldown) =>
        pass.ThroughGate || cooldown is null || pass.Epoch >= cooldown.Epoch;

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private bool IsAvailable_NeedsLock(string model) => HasEnded(_key) && HasEnded(_models[model]);

    private bool IsTrialDue_NeedsLock(string model) => IsDue(_key) && IsDue(_models[model]);

    private bool IsForever_NeedsLock() => _key is { IsForever: true };

    private bool HasEnded(Cooldown? cooldown) => cooldown is null || cooldown.End.HasPassed(time);

    private bool IsDue(Cooldown? cooldown) => cooldown is null || cooldown.Trial.HasPassed(time);

    private KeyPass? TryEnterGate_NeedsLock(string model) =>
        _gate.TryEnter() is > 0 and var holder ? new KeyPass(model, _epoch, holder) : null;

    private void Heal_NeedsLock(string model)
    {
        if (IsForever_NeedsLock())
        {
            return;
        }

        if (!IsAvailable_NeedsLock(model))
        {
            _proofEpoch = ++_epoch;
        }

        _proved = true;
        if (_models.Remove(model) || _key is not null)
        {
            // Only then: what one model can do says nothing about the tries of another.
            _key = null;
            _gate.Reset();
        }
    }

    private void EndTry_NeedsLock(KeyPass pass, Verdict verdict)
    {
        if (!pass.ThroughGate)
        {
            return;
        }

        // These say nothing against the key: the request itself was at fault, or nobody waited for the answer.
        if (verdict is Verdict.CallerError or Verdict.ClientGone or Verdict.ResourceDenied or Verdict.RequestTooLargeForQuota)
        {
            _gate.Leave(pass.Holder);
        }
        else
        {
            _gate.Close(pass.Holder);
        }
    }

    private void Fail_NeedsLock(KeyPass pass, Verdict verdict, UpstreamFailure failure)
    {
        if (IsForever_NeedsLock())
        {
            return;
        }

        var ofModel = Consequence.Of(verdict).Effect == KeyEffect.CoolModel;
        if (ofModel && pass.ThroughGate)
        {
            // Google knows the key again: it says how much the key may use, not that it may not be used.
            _key = null;
        }

        var present = ofModel ? _models[pass.Model] : _key;
        if (present is not null && verdict != Verdict.KeyLeaked
            && (!Knows(pass, present) || (present.Cause == verdict && !present.Trial.HasPassed(time))))
        {
            return;
        }

        var cooldown = Cooldown.Begin(verdict, failure, present?.Cause == verdict ? present.Strikes + 1 : 1, ++_epoch, time);
        if (ofModel)
        {
            _models.Set(pass.Model, cooldown);
        }
        else
        {
            _key = cooldown;
        }
    }

    private TimeSpan? Length_NeedsLock(string model)
    {
        var cooldown = !HasEnded(_key) ? _key : _models[model];
        return cooldown is null || cooldown.IsForever ? null : cooldown.Length;
    }

    private KeyState State_NeedsLock(string model)
    {
        if (!HasEnded(_key))
        {
            return Consequence.Of(_key!.Cause).Effect is KeyEffect.CoolKey ? KeyState.CoolingDown : KeyState.Rejected;
        }

        return !HasEnded(_models[model]) ? KeyState.CoolingDown : _proved ? KeyState.Healthy : KeyState.Unknown;
    }
}
