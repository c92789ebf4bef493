using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Keys;

/// <summary>
/// What one key is skipped for: as a whole, for a kind of call, or for a model. Not thread-safe: its key's lock guards it.
/// </summary>
internal sealed class KeyTroubles(TimeProvider time)
{
    private readonly Cooldown?[] _kinds = new Cooldown?[CallKinds.Count];
    private readonly ModelCooldowns _models = new(time);
    private Cooldown? _whole;

    /// <summary>There is a cooldown, running or just not yet disproved.</summary>
    public bool IsAny => _whole is not null || _models.Count > 0 || _kinds.Any(kind => kind is not null);

    public bool IsAnyRunning => !HasEnded(_whole) || !_kinds.All(HasEnded) || _models.IsAnyRunning;

    /// <summary>The key as a whole will never be tried again.</summary>
    public bool IsForever => _whole is { IsForever: true };

    /// <summary>The key as a whole may be used.</summary>
    public bool IsWholeAvailable => HasEnded(_whole);

    /// <summary>The cooldown of the key as a whole, while it runs.</summary>
    public Cooldown? RunningWhole => Running(_whole);

    public bool IsAvailable(CallScope call) => HasEnded(_whole) && IsKindAvailable(call.Kind) && HasEnded(_models[call]);

    /// <summary>Something stands against the call, running or just not yet disproved.</summary>
    public bool IsAgainst(CallScope call) => _whole is not null || _kinds[(int)call.Kind] is not null || _models[call] is not null;

    /// <summary>The key is refused for this kind of call until a try proves it; a rest that ends by itself is none.</summary>
    public bool IsKindRejected(CallKind kind) => Running(_kinds[(int)kind]) is { } running && Consequence.Of(running.Cause).KeyIsDead;

    public bool IsKindAvailable(CallKind kind) => HasEnded(_kinds[(int)kind]);

    public bool IsTrialDue(CallScope call) => IsDue(_whole) && IsDue(_kinds[(int)call.Kind]) && IsDue(_models[call]);

    /// <summary>The widest cooldown that keeps the call from the key now.</summary>
    public Cooldown? Running(CallScope call) => Running(_whole) ?? Running(_kinds[(int)call.Kind]) ?? Running(_models[call]);

    /// <summary>How long until the key may be tried for the call.</summary>
    public TimeSpan Rest(CallScope call) =>
        new[] { _whole, _kinds[(int)call.Kind], _models[call] }.Max(cooldown => cooldown?.Trial.Remaining(time) ?? TimeSpan.Zero);

    /// <summary>How long until nothing stands against the call, if nobody tries the key before.</summary>
    public TimeSpan EndsIn(CallScope call) =>
        new[] { _whole, _kinds[(int)call.Kind], _models[call] }.Max(cooldown => cooldown?.End.Remaining(time) ?? TimeSpan.Zero);

    /// <summary>An attempt knew everything that now stands against the call.</summary>
    public bool AreKnownTo(KeyPass pass) => KnowsWhole(pass) && Knows(pass, _kinds[(int)pass.Scope.Kind]) && Knows(pass, _models[pass.Scope]);

    /// <summary>An attempt knew this cooldown, if there is one.</summary>
    /// <remarks>A try through its kind's gate knew what stands against that kind.</remarks>
    public static bool Knows(KeyPass pass, Cooldown? cooldown) => pass.ThroughGate || cooldown is null || pass.Epoch >= cooldown.Epoch;

    /// <summary>It knew what stands against the key as a whole; another kind of call may have found it out since it entered its own gate.</summary>
    public bool KnowsWhole(KeyPass pass) => _whole is null || pass.Epoch >= _whole.Epoch;

    public Cooldown? Find(RefusalScope scope, CallScope call) => scope switch
    {
        RefusalScope.Key => _whole,
        RefusalScope.Kind => _kinds[(int)call.Kind],
        RefusalScope.Model => _models[call],
        _ => null,
    };

    public void Set(Refusal refusal, CallScope call, Cooldown cooldown)
    {
        switch (refusal.Scope)
        {
            case RefusalScope.Key:
                _whole = cooldown;
                break;
            case RefusalScope.Kind:
                _kinds[(int)call.Kind] = cooldown;
                break;
            case RefusalScope.Model:
                // Without a model it is about no other kind of call that names none either.
                _models.Set(call, call.Model.Length == 0 ? CallKinds.Of(call.Kind) : refusal.Kinds, cooldown);
                break;
        }
    }

    /// <summary>The key works for the call.</summary>
    /// <returns>What was forgotten, at its widest; <see cref="RefusalScope.Request"/> for nothing.</returns>
    public RefusalScope Clear(CallScope call)
    {
        var wasModel = _models.Remove(call);
        var scope = ClearKey(call.Kind);
        return scope == RefusalScope.Request && wasModel ? RefusalScope.Model : scope;
    }

    /// <summary>Google knows the key, and lets it do this kind of call, whatever it says of the model.</summary>
    /// <returns>What was forgotten, at its widest.</returns>
    public RefusalScope ClearKey(CallKind kind)
    {
        var scope = _whole is not null ? RefusalScope.Key : _kinds[(int)kind] is not null ? RefusalScope.Kind : RefusalScope.Request;
        _whole = null;
        _kinds[(int)kind] = null;
        return scope;
    }

    /// <summary>All that runs now, the widest first.</summary>
    public IEnumerable<KeyTrouble> AllRunning()
    {
        if (RunningWhole is { } whole)
        {
            yield return KeyTrouble.Of(RefusalScope.Key, [], null, whole, time);
        }

        for (var kind = 0; kind < _kinds.Length; kind++)
        {
            if (Running(_kinds[kind]) is { } running)
            {
                yield return KeyTrouble.Of(RefusalScope.Kind, [(CallKind)kind], null, running, time);
            }
        }

        foreach (var trouble in _models.AllRunning())
        {
            yield return trouble;
        }
    }

    private Cooldown? Running(Cooldown? cooldown) => HasEnded(cooldown) ? null : cooldown;

    private bool HasEnded(Cooldown? cooldown) => cooldown is null || cooldown.End.HasPassed(time);

    private bool IsDue(Cooldown? cooldown) => cooldown is null || cooldown.Trial.HasPassed(time);
}
