using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Keys;

// What each attempt changes in what is remembered.
internal sealed partial class KeyHealth
{
    /// <summary>What an attempt taught.</summary>
    /// <returns>The change of health, if it is one.</returns>
    public KeyStateChange? Report(KeyPass pass, Verdict verdict, UpstreamFailure? failure = null)
    {
        var call = pass.Scope;
        if (verdict == Verdict.Ok)
        {
            _use.Add(call.Kind);
            if (_proved && !_troubled && !pass.ThroughGate)
            {
                return null;
            }
        }

        var refusal = Refusal.Of(verdict, failure, call.Kind);
        lock (_lock)
        {
            if (pass.Epoch < _proofEpochs[(int)call.Kind] && verdict is not (Verdict.Ok or Verdict.KeyLeaked))
            {
                return null;
            }

            var (from, scope) = (StateFor_NeedsLock(call), refusal.Scope);
            if (verdict == Verdict.Ok)
            {
                scope = _troubles.AreKnownTo(pass) ? Heal_NeedsLock(call) : scope;
                if (pass.ThroughGate)
                {
                    // Overtaken by other news it proves nothing, but has ended all the same.
                    Gate_NeedsLock(call.Kind).Leave(pass.Holder);
                }
            }
            else
            {
                EndTry_NeedsLock(pass, verdict, refusal);
                if (scope != RefusalScope.Request)
                {
                    Fail_NeedsLock(pass, verdict, failure, refusal);
                }
            }

            _troubled = _troubles.IsAny;
            var to = StateFor_NeedsLock(call);
            return from == to ? null : new KeyStateChange(from, to, scope, call, verdict, Length_NeedsLock(call));
        }
    }

    /// <returns>What was forgotten, at its widest.</returns>
    private RefusalScope Heal_NeedsLock(CallScope call)
    {
        if (_troubles.IsForever)
        {
            return RefusalScope.Request;
        }

        var isProof = !_troubles.IsAvailable(call);
        var forgotten = _troubles.Clear(call);
        if (isProof)
        {
            _epoch++;
            foreach (var kind in forgotten == RefusalScope.Key ? Kinds() : [call.Kind])
            {
                _proofEpochs[(int)kind] = _epoch;
            }
        }

        _proved = true;
        foreach (var gate in forgotten switch
        {
            RefusalScope.Request => [],

            // What a key can do for one kind of call or model says nothing about the tries of another.
            RefusalScope.Model or RefusalScope.Kind => [Gate_NeedsLock(call.Kind)],
            _ => _gates,
        })
        {
            gate?.Reset();
        }

        TellAll_NeedsLock();
        return forgotten;
    }

    /// <summary>What one kind of call has found out may concern those of other kinds who wait.</summary>
    private void TellAll_NeedsLock()
    {
        foreach (var gate in _gates)
        {
            gate?.Tell();
        }
    }

    private void EndTry_NeedsLock(KeyPass pass, Verdict verdict, Refusal refusal)
    {
        if (!pass.ThroughGate)
        {
            return;
        }

        // These say nothing against the key: the request itself was at fault, or nobody waited for the answer.
        if (verdict is Verdict.CallerError or Verdict.ClientGone or Verdict.EdgeStopped or Verdict.ResourceDenied or Verdict.RequestTooLargeForQuota
            || (refusal.Scope == RefusalScope.Request && Consequence.Of(verdict).Effect != KeyEffect.Unchanged))
        {
            Gate_NeedsLock(pass.Scope.Kind).Leave(pass.Holder);
        }
        else
        {
            Gate_NeedsLock(pass.Scope.Kind).Close(pass.Holder);
        }
    }

    private void Fail_NeedsLock(KeyPass pass, Verdict verdict, UpstreamFailure? failure, Refusal refusal)
    {
        // A model that isn't named can't be rested.
        if (_troubles.IsForever || (verdict == Verdict.ModelUnavailable && pass.Scope.Model.Length == 0))
        {
            return;
        }

        TellAll_NeedsLock();
        if (refusal.Scope == RefusalScope.Model && pass.ThroughGate && _troubles.KnowsWhole(pass))
        {
            // Google knows the key again: it says how much the key may use, not that it may not be used.
            _troubles.ClearKey(pass.Scope.Kind);
        }

        var present = _troubles.Find(refusal.Scope, pass.Scope);
        var isForGood = verdict == Verdict.KeyLeaked && refusal.Scope == RefusalScope.Key;
        if (present is not null && !isForGood
            && (!KeyTroubles.Knows(pass, present) || (present.Cause == verdict && !present.Trial.HasPassed(time))))
        {
            return;
        }

        var strikes = present?.Cause == verdict ? present.Strikes + 1 : 1;
        _troubles.Set(refusal, pass.Scope, Cooldown.Begin(verdict, failure, refusal.Scope, strikes, ++_epoch, time));
    }
}
