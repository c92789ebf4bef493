using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

// What the keys have said to this request, and what follows from it: another round, another model, or nothing.
internal sealed partial class CandidateWalk
{
    private int _round = 1;
    private KeySet _used;

    // What each said last: that it may pass, that it is the model's fault, or something after which it isn't asked again.
    private KeySet _passing;
    private KeySet _ofModel;
    private KeySet _spent;

    /// <summary>This model is not asked again.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Every key that isn't out of use has said that it can't serve this model now, or one that it is gone.</summary>
    public bool IsModelAtFault
    {
        get
        {
            if (IsClosed)
            {
                return true;
            }

            var isAny = false;
            for (var index = 0; index < _ring.Keys.Length; index++)
            {
                var rests = _ring.Keys[index].Health.Cause(_call) is { } cause ? Consequence.Of(cause) : null;
                if (rests?.Effect is KeyEffect.Reject or KeyEffect.RejectForever or KeyEffect.Cool)
                {
                    // No model can be had with it.
                    continue;
                }

                if (!(_used.Contains(index) ? _ofModel.Contains(index) : rests is { IsOfModel: true }))
                {
                    return false;
                }

                isAny = true;
            }

            return isAny;
        }
    }

    /// <summary>Notes what a key has said, when its health knows of it already.</summary>
    public void Note(RingKey key, Verdict verdict)
    {
        var index = Index(_ring, key.Key);
        if (index < 0 || IsClosed)
        {
            return;
        }

        var consequence = Consequence.Of(verdict);
        _passing = _passing.With(index, consequence.Passes);
        _ofModel = _ofModel.With(index, consequence.IsOfModel);
        _spent = _spent.With(index, !consequence.Passes && key.Health.IsAvailable(_call));
    }

    /// <summary>One key's word is enough.</summary>
    public void Close()
    {
        IsClosed = true;
        _spent = _tried = KeySet.All;
    }

    /// <summary>Begins another round, in which a key may be tried once more.</summary>
    /// <param name="withPassing">Also those keys whose failure may have passed.</param>
    public void NextRound(bool withPassing)
    {
        _round++;
        _tried = _spent;
        _tried = withPassing ? _tried : _tried.Union(_passing);
        _tried = Request.MayRepeat ? _tried : _tried.Union(_used);
    }

    /// <summary>What there is to wait for.</summary>
    public void AddTo(Prospects prospects)
    {
        for (var index = 0; index < _ring.Keys.Length && !IsClosed; index++)
        {
            var health = _ring.Keys[index].Health;
            if (health.IsLeaked)
            {
                continue;
            }

            // Whatever is found out of a key may end the wait: it comes back, it is out of use, or no key is left for this model.
            var (news, heldFor) = health.Watch(_call);
            prospects.Hear(news);
            var isUsed = _used.Contains(index);
            if (_spent.Contains(index) || (isUsed && !Request.MayRepeat))
            {
                continue;
            }

            var returns = health.Return(_call);
            if (isUsed && returns == TimeSpan.Zero)
            {
                // Nothing stands against it but what it has said to this request, or an empty budget.
                prospects.AddPassing(_call.Model);
            }
            else
            {
                // While another model was asked, a rest may have ended, or a gate opened.
                var isBack = !isUsed && health.IsOpenAfterWait(_call, asLastResort: !_lastResortTaken);
                prospects.AddKey(heldFor, isBack ? TimeSpan.Zero : returns, health.NextTurn(_call));
            }
        }
    }
}
