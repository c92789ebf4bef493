using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// One request's way through the ring. Every step looks at all keys anew, because a key may come back while another
/// is being tried; a key is never tried twice, and after the candidates one skipped key may be.
/// </summary>
internal sealed class CandidateWalk
{
    private readonly CallScope _call;
    private KeyRing _ring;
    private int _first;
    private int _inTurn;
    private int _preferred;
    private int _tried;
    private bool _lastResortTaken;

    /// <param name="ring">The snapshot that the request works on at first.</param>
    /// <param name="call">What the request needs a key for.</param>
    /// <param name="turn">With round robin, the request's number; null to begin with the first key.</param>
    /// <param name="owner">The key to begin with, if it is known who owns what the request names.</param>
    public CandidateWalk(KeyRing ring, CallScope call, uint? turn, ApiKey? owner)
    {
        _ring = ring;
        _call = call;
        _preferred = owner is null ? -1 : Index(ring, owner);
        _inTurn = InTurn(ring);
        _first = turn is { } number ? FirstInTurn(number) : 0;
    }

    /// <summary>The snapshot that the walk goes through.</summary>
    public KeyRing Ring => _ring;

    /// <summary>It goes on in a newer ring already; a second one would make a request's attempts endless.</summary>
    public bool IsRenewed { get; private set; }

    /// <summary>Goes on in a newer ring, with the values that were not tried.</summary>
    /// <returns>True.</returns>
    public bool Renew(KeyRing newer)
    {
        var tried = 0;
        for (var index = 0; index < newer.Keys.Length; index++)
        {
            var before = Index(_ring, newer.Keys[index].Key);
            tried |= before >= 0 && IsTried(before) ? 1 << index : 0;
        }

        (_ring, _tried, _first, _preferred, _inTurn) = (newer, tried, 0, -1, InTurn(newer));
        return IsRenewed = true;
    }

    /// <summary>The next key, with leave to attempt.</summary>
    public bool TryNext(out RingKey key, out KeyPass pass)
    {
        for (var step = _preferred < 0 ? 0 : -1; step < _ring.Keys.Length; step++)
        {
            var index = At(step);
            if (!IsTried(index) && _ring.Keys[index].Health.TryBegin(_call) is { } granted)
            {
                return Take(index, granted, out key, out pass);
            }
        }

        return TryLastResort(out key, out pass);
    }

    /// <summary>Another candidate is left besides the ones taken.</summary>
    public bool HasAnother()
    {
        for (var index = 0; index < _ring.Keys.Length; index++)
        {
            if (!IsTried(index) && _ring.Keys[index].Health.IsCandidate(_call))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The keys no attempt was made with.</summary>
    public IEnumerable<RingKey> Skipped() => _ring.Keys.Where((_, index) => !IsTried(index));

    /// <summary>For who waits: the keys that were not tried, when there is news of each, and how long somebody else's try may last.</summary>
    public List<(Task News, TimeSpan HeldFor)> Watch() => [.. Skipped().Where(key => !key.Health.IsLeaked).Select(key => key.Health.Watch(_call))];

    /// <summary>When the keys that were not tried may be worth another look.</summary>
    public IEnumerable<TimeSpan> NextTurns() => Skipped().Select(key => key.Health.NextTurn(_call)).OfType<TimeSpan>();

    // Of the skipped keys the one whose rest ends first is the likeliest to work again.
    private bool TryLastResort(out RingKey key, out KeyPass pass)
    {
        (key, pass) = (null!, default);
        if (_lastResortTaken)
        {
            return false;
        }

        foreach (var candidate in Skipped().OrderBy(skipped => skipped.Health.Rest(_call) ?? TimeSpan.MaxValue))
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
        _tried |= 1 << index;
        (key, pass) = (_ring.Keys[index], granted);
        return true;
    }

    private bool IsTried(int index) => (_tried & (1 << index)) != 0;

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
