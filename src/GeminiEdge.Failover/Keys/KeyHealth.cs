using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Keys;

/// <summary>
/// What this instance remembers of one key value: what it may be used for, and what each attempt taught.
/// </summary>
/// <remarks>
/// Attempts overlap, so results arrive late: a herd that was in flight when a key died must not count as many
/// deaths, and a success that began before a rejection does not undo it, nor a failure a proof. Each trouble, and each
/// proof that a skipped key works, therefore begins an epoch, and a result says nothing about what is newer than its
/// attempt; only a try through the gate knew the trouble it tried.
/// </remarks>
internal sealed partial class KeyHealth(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Gate?[] _gates = new Gate?[CallKinds.Count];
    private readonly KeyTroubles _troubles = new(time);
    private readonly KindUse _use = new();
    private int _epoch;
    private readonly int[] _proofEpochs = new int[CallKinds.Count];
    private bool _proved;

    // True while anything below the fast path could matter: any cooldown, running or just not yet disproved.
    private volatile bool _troubled;

    /// <summary>No cooldown is running, neither of the key nor for any kind of call or model.</summary>
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
                return !_troubles.IsAnyRunning;
            }
        }
    }

    /// <summary>The key is good for something that it serves; one that has served nothing yet is good until it is refused a chat.</summary>
    public bool IsUp
    {
        get
        {
            if (!_troubled)
            {
                return true;
            }

            lock (_lock)
            {
                return _troubles.IsWholeAvailable
                    && (!IsAnyCarriedRejected_NeedsLock() || Kinds().Any(kind => _use.Includes(kind) && _troubles.IsKindAvailable(kind)));
            }
        }
    }

    /// <summary>Google reported the key as leaked.</summary>
    public bool IsLeaked
    {
        get
        {
            lock (_lock)
            {
                return _troubles.IsForever;
            }
        }
    }

    /// <summary>The health of the key as operators see it: rejected also where it is for a kind of call that carries its traffic.</summary>
    public KeyState State
    {
        get
        {
            lock (_lock)
            {
                return _troubles.RunningWhole is { } whole ? StateOf(whole)
                    : IsAnyCarriedRejected_NeedsLock() ? KeyState.Rejected
                    : _proved ? KeyState.Healthy : KeyState.Unknown;
            }
        }
    }

    /// <summary>The key would be used without going through its gate.</summary>
    public bool IsAvailable(CallScope call)
    {
        if (!_troubled)
        {
            return true;
        }

        lock (_lock)
        {
            return _troubles.IsAvailable(call);
        }
    }

    /// <summary>The key may be used, or is due for a trial that would be let in.</summary>
    public bool IsCandidate(CallScope call)
    {
        if (!_troubled)
        {
            return true;
        }

        lock (_lock)
        {
            return _troubles.IsAvailable(call) || (_troubles.IsTrialDue(call) && Gate_NeedsLock(call.Kind).IsOpen);
        }
    }

    /// <summary>Leave to attempt, if the key is available or this request is the one to try it.</summary>
    public KeyPass? TryBegin(CallScope call)
    {
        if (!_troubled)
        {
            return new KeyPass(call, Volatile.Read(ref _epoch), 0);
        }

        lock (_lock)
        {
            if (_troubles.IsAvailable(call))
            {
                return new KeyPass(call, _epoch, 0);
            }

            return _troubles.IsTrialDue(call) ? TryEnterGate_NeedsLock(call) : null;
        }
    }

    /// <summary>Leave to try a skipped key because no other is left: through its gate, and never a leaked one.</summary>
    public KeyPass? TryBeginLastResort(CallScope call)
    {
        lock (_lock)
        {
            return _troubles.IsForever ? null : TryEnterGate_NeedsLock(call);
        }
    }

    /// <summary>Leave for one who has waited: while the key's rest is over but nobody has proved it yet, one goes first, through its gate.</summary>
    public KeyPass? TryBeginAfterWait(CallScope call)
    {
        lock (_lock)
        {
            return !_troubles.IsAgainst(call) ? new KeyPass(call, _epoch, 0)
                : _troubles.IsTrialDue(call) ? TryEnterGate_NeedsLock(call)
                : null;
        }
    }

    /// <summary>
    /// Leave for what no other key can do, an operator's probe or the rest of an upload: any key but a leaked one,
    /// whatever is remembered of it.
    /// </summary>
    public KeyPass? TryBeginAnyway(CallScope call)
    {
        lock (_lock)
        {
            return _troubles.IsForever ? null : new KeyPass(call, _epoch, 0);
        }
    }

    /// <summary>One who has waited would be let in now.</summary>
    /// <param name="call">What the key would be asked for.</param>
    /// <param name="asLastResort">Also before its rest is over, because no other key is left.</param>
    public bool IsOpenAfterWait(CallScope call, bool asLastResort)
    {
        lock (_lock)
        {
            return !_troubles.IsAgainst(call)
                || (!_troubles.IsForever && (asLastResort || _troubles.IsTrialDue(call)) && Gate_NeedsLock(call.Kind).IsOpen);
        }
    }

    /// <summary>For who waits for the key: when there is news of it, and how long somebody else's try keeps others out at most (zero for nobody's).</summary>
    public (Task News, TimeSpan HeldFor) Watch(CallScope call)
    {
        lock (_lock)
        {
            var gate = Gate_NeedsLock(call.Kind);
            return (gate.News, _troubles.IsForever ? TimeSpan.Zero : gate.HeldFor);
        }
    }

    /// <summary>When the key may be worth another look, as far as that comes by itself: its rest ends, or its gate opens.</summary>
    public TimeSpan? NextTurn(CallScope call)
    {
        lock (_lock)
        {
            var (rest, gate) = (_troubles.Rest(call), Gate_NeedsLock(call.Kind).OpensIn);
            var soonest = rest == TimeSpan.Zero || (gate > TimeSpan.Zero && gate < rest) ? gate : rest;
            return _troubles.IsForever || soonest == TimeSpan.Zero ? null : soonest;
        }
    }

    /// <summary>When the key is back and its gate open, without anybody's try; null when it never is.</summary>
    public TimeSpan? Return(CallScope call)
    {
        lock (_lock)
        {
            var end = _troubles.EndsIn(call);
            var gate = _troubles.IsAgainst(call) ? Gate_NeedsLock(call.Kind).OpensIn : TimeSpan.Zero;
            return end == TimeSpan.MaxValue ? null : end > gate ? end : gate;
        }
    }

    /// <summary>An attempt ended without telling anything of the key.</summary>
    public void Leave(KeyPass pass)
    {
        if (pass.ThroughGate)
        {
            lock (_lock)
            {
                Gate_NeedsLock(pass.Scope.Kind).Leave(pass.Holder);
            }
        }
    }

    /// <summary>The health for one kind of call and model.</summary>
    public KeyState StateFor(CallScope call)
    {
        lock (_lock)
        {
            return StateFor_NeedsLock(call);
        }
    }

    /// <summary>The cooldown that is being served, for logs and for Retry-After; null when there is none or no end.</summary>
    public TimeSpan? Rest(CallScope call)
    {
        lock (_lock)
        {
            var rest = _troubles.Rest(call);
            return rest == TimeSpan.Zero || rest == TimeSpan.MaxValue ? null : rest;
        }
    }

    /// <summary>The verdict that skips the key now.</summary>
    public Verdict? Cause(CallScope call)
    {
        lock (_lock)
        {
            return _troubles.Running(call)?.Cause;
        }
    }

    private static IEnumerable<CallKind> Kinds() => Enumerable.Range(0, CallKinds.Count).Select(kind => (CallKind)kind);

    private bool IsAnyCarriedRejected_NeedsLock() => Kinds().Any(kind => _troubles.IsKindRejected(kind) && _use.Carries(kind));

    private static KeyState StateOf(Cooldown running) =>
        Consequence.Of(running.Cause).KeyIsDead ? KeyState.Rejected : KeyState.CoolingDown;

    private KeyState StateFor_NeedsLock(CallScope call) =>
        _troubles.Running(call) is { } running ? StateOf(running) : _proved ? KeyState.Healthy : KeyState.Unknown;

    private TimeSpan? Length_NeedsLock(CallScope call) => _troubles.Running(call) is { IsForever: false } running ? running.Length : null;

    private Gate Gate_NeedsLock(CallKind kind) => _gates[(int)kind] ??= new Gate(time);

    private KeyPass? TryEnterGate_NeedsLock(CallScope call) =>
        Gate_NeedsLock(call.Kind).TryEnter() is > 0 and var holder ? new KeyPass(call, _epoch, holder) : null;
}
