using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Overload;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// One request's way through the ring for one model. Every step looks at all keys anew, because a key may come back while
/// another is being tried; in a round a key is never tried twice, and after the candidates one skipped key may be.
/// </summary>
internal sealed partial class CandidateWalk
{
    private readonly CallScope _call;
    private readonly ExtraAttempts _extra;
    private KeyRing _ring;
    private int _first;
    private int _inTurn;
    private int _preferred;
    private KeySet _tried;
    private bool _lastResortTaken;

    /// <param name="request">The request, as it asks for this model.</param>
    /// <param name="ring">The snapshot that the request works on at first.</param>
    /// <param name="extra">What trying a key once more is taken from.</param>
    /// <param name="turn">With round robin, the request's number; null to begin with the first key.</param>
    /// <param name="owner">The key to begin with, if it is known who owns what the request names.</param>
    public CandidateWalk(ForwardRequest request, KeyRing ring, ExtraAttempts extra, uint? turn, ApiKey? owner)
    {
        Request = request;
        _ring = ring;
        _extra = extra;
        _call = request.Call.Scope;
        _preferred = owner is null ? -1 : Index(ring, owner);
        _inTurn = InTurn(ring);
        _first = turn is { } number ? FirstInTurn(number) : 0;
    }

    /// <summary>The request, as it asks for this model.</summary>
    public ForwardRequest Request { get; }

    /// <summary>The snapshot that the walk goes through.</summary>
    public KeyRing Ring => _ring;

    /// <summary>It goes on in a newer ring already; a second one would make a request's attempts endless.</summary>
    public bool IsRenewed { get; private set; }

    /// <summary>Goes on in a newer ring, with the values that were not tried.</summary>
    /// <returns>True.</returns>
    public bool Renew(KeyRing newer)
    {
        var before = newer.Keys.Select(key => Index(_ring, key.Key)).ToArray();
        (_tried, _used, _spent, _passing, _ofModel) = (_tried.At(before), _used.At(before), _spent.At(before), _passing.At(before), _ofModel.At(before));
        (_ring, _first, _preferred, _inTurn) = (newer, 0, -1, InTurn(newer));
        if (IsClosed)
        {
            Close();
        }

        return IsRenewed = true;
    }

    /// <summary>The next key, with leave to attempt.</summary>
    public bool TryNext(out RingKey key, out KeyPass pass)
    {
        for (var step = _preferred < 0 ? 0 : -1; step < _ring.Keys.Length; step++)
        {
            var index = At(step);
            if (!_tried.Contains(index) && Begin(index) is { } granted)
            {
                return Take(index, granted, out key, out pass);
            }
        }

        return TryLastResort(out key, out pass);
    }

    /// <summary>The next key that can be asked beside another one: nothing stands against it.</summary>
    /// <param name="suits">Whether a key may be asked beside that one.</param>
    public bool TryBeside(Func<RingKey, bool> suits, out RingKey key, out KeyPass pass)
    {
        for (var step = 0; step < _ring.Keys.Length; step++)
        {
            var index = At(step);
            var candidate = _ring.Keys[index];
            if (!_tried.Contains(index) && candidate.Health.IsAvailable(_call) && suits(candidate) && candidate.Health.TryBegin(_call) is { } granted)
            {
                return Take(index, granted, out key, out pass);
            }
        }

        (key, pass) = (null!, default);
        return false;
    }

    /// <summary>Another candidate is left besides the ones taken.</summary>
    public bool HasAnother()
    {
        for (var index = 0; index < _ring.Keys.Length; index++)
        {
            if (!_tried.Contains(index) && _ring.Keys[index].Health.IsCandidate(_call))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The keys no attempt was made with.</summary>
    public IEnumerable<RingKey> Skipped() => IsClosed ? [] : _ring.Keys.Where((_, index) => !_used.Contains(index));

    // Who has waited for a key doesn't come with all the others who have.
    private KeyPass? Begin(int index)
    {
        var health = _ring.Keys[index].Health;
        if (_round == 1)
        {
            return health.TryBegin(_call);
        }

        if (!_used.Contains(index))
        {
            return health.TryBeginAfterWait(_call);
        }

        // The budget first: who enters a gate and leaves it again would wake all those who wait there.
        if (!_extra.TryTake())
        {
            return null;
        }

        if (health.TryBeginAfterWait(_call) is { } granted)
        {
            return granted;
        }

        _extra.GiveBack();
        return null;
    }

    // Of the skipped keys the one whose rest ends first is the likeliest to work again.
    private bool TryLastResort(out RingKey key, out KeyPass pass)
    {
        (key, pass) = (null!, default);
        if (_lastResortTaken)
        {
            return false;
        }

        foreach (var candidate in Skipped().Where(skipped => !_tried.Contains(_ring.Keys.IndexOf(skipped))).OrderBy(skipped => skipped.Health.Rest(_call) ?? TimeSpan.MaxValue))
        {
            if (candidate.Health.TryBeginLastResort(_call) is { } granted)
            {
                _lastResortTaken = true;
                return Take(_ring.Keys.IndexOf(candidate), granted, out key, out pass);
            }
        }

        return false;
    }

    private bool Take(int index, KeyPass granted, out RingKey key, out KeyPass pass)
    {
        _tried = _tried.With(index);
        _used = _used.With(index);
        (key, pass) = (_ring.Keys[index], granted);
        return true;
    }

    // The owner first, then the keys in turn from where it is this request's turn, then OLD.
    private int At(int step) => step < 0 ? _preferred : step < _inTurn ? (_first + step) % _inTurn : step;

    private static int InTurn(KeyRing ring) => ring.Keys is [.., { Slot: KeySlot.Old }] ? ring.Keys.Length - 1 : ring.Keys.Length;

    private int FirstInTurn(uint number)
    {
        var candidates = 0;
        for (var index = 0; index < _inTurn; index++)
        {
            candidates += _ring.Keys[index].Health.IsCandidate(_call) ? 1 : 0;
        }

        if (candidates == 0)
        {
            return 0;
        }

        var turn = (int)(number % (uint)candidates);
        for (var index = 0; index < _inTurn; index++)
        {
            if (_ring.Keys[index].Health.IsCandidate(_call) && turn-- == 0)
            {
                return index;
            }
        }

        return 0;
    }

    private static int Index(KeyRing ring, ApiKey key)
    {
        for (var index = 0; index < ring.Keys.Length; index++)
        {
            if (ring.Keys[index].Key.Equals(key))
            {
                return index;
            }
        }

        return -1;
    }
}
