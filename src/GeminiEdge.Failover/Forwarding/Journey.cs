using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Overload;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Where one request is: which model it asks, in which round, and what is still under way.</summary>
/// <param name="walk">Its way through the ring for the model that it asks for.</param>
/// <param name="trail">Its attempts.</param>
/// <param name="started">When it began.</param>
internal sealed class Journey(CandidateWalk walk, AttemptTrail trail, long started) : IDisposable
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LeastBackoff = TimeSpan.FromMilliseconds(10);

    // Most requests wait for nothing; nobody adds to it.
    private static readonly List<Storms.Waiter> None = [];

    private List<CandidateWalk>? _walks;
    private int _at;
    private int _backoffs;
    private Deadline? _backoff;
    private List<Storms.Waiter> _storms = None;
    private bool _calmWasNoHelp;
    private bool _hasWaited;
    private bool _isNewRound;

    /// <summary>The request as its caller sent it.</summary>
    public ForwardRequest Request => trail.Request;

    public AttemptTrail Trail => trail;

    public long Started => started;

    /// <summary>The way through the ring for the model that is asked now.</summary>
    public CandidateWalk Walk { get; private set; } = walk;

    /// <summary>The ways for all models so far.</summary>
    public IEnumerable<CandidateWalk> Walks => _walks ?? [Walk];

    /// <summary>The models that may be asked after those so far.</summary>
    public ImmutableArray<string> Fallbacks { get; set; } = [];

    /// <summary>The model that is asked now is the one that the request asks for.</summary>
    public bool IsAtFirst => _at == 0;

    /// <summary>Another model may be asked after the one that is asked now.</summary>
    public bool HasAnother => !Fallbacks.IsEmpty || Walks.Skip(_at + 1).Any(later => !later.IsClosed);

    /// <summary>1, and one more for each time that it began anew with the first model.</summary>
    public int Round { get; private set; } = 1;

    /// <summary>The other of two attempts, which still runs.</summary>
    public Race? Rival { get; set; }

    /// <summary>An answer of the upstream's that the caller gets if nothing better comes.</summary>
    public Attempt? Refusal { get; set; }

    /// <summary>Goes on with a model that was asked in an earlier round.</summary>
    public bool TryGoOn()
    {
        if (_walks is null || _at + 1 >= _walks.Count)
        {
            return false;
        }

        Walk = _walks[++_at];
        return true;
    }

    /// <summary>Goes on with another model.</summary>
    public void GoOn(CandidateWalk next)
    {
        _walks ??= [Walk];
        _walks.Add(next);
        TryGoOn();
        if (_hasWaited)
        {
            // Who has waited goes on as one who has waited.
            next.NextRound(withPassing: true);
        }
    }

    /// <summary>No model is asked after this one, nor one that was looked at in an earlier round.</summary>
    public void EndChain()
    {
        Fallbacks = [];
        foreach (var later in Walks.Skip(_at + 1))
        {
            later.Close();
        }
    }

    /// <summary>What there is to wait for, if the request may wait so long.</summary>
    public Prospects Prospects(TimeSpan atMost)
    {
        var prospects = new Prospects(atMost);
        foreach (var walk in Walks)
        {
            walk.AddTo(prospects);
            if (!walk.IsModelAtFault)
            {
                // Those behind it are not asked, whatever their keys do.
                break;
            }
        }

        return prospects;
    }

    /// <summary>
    /// Begins anew with the first model. Keys that have failed without being refused are tried again when one of their models has
    /// answered somebody else meanwhile, or when the backoff is over and this request is the one to find out.
    /// </summary>
    public void GoRoundAgain(TimeProvider time)
    {
        var calm = _storms.Exists(storm => storm.IsCalm);
        var isRested = _backoff is { } backoff && backoff.HasPassed(time);
        var withPassing = _storms.Count > 0 && ((calm && !_calmWasNoHelp) || (isRested && (calm || _storms[0].Ask().May)));
        if (withPassing)
        {
            (_backoff, _calmWasNoHelp) = (null, calm);
            _backoffs++;
            _storms.ForEach(storm => storm.Go());
        }

        (_hasWaited, _isNewRound) = (true, trail.Begun > 0);
        foreach (var each in Walks)
        {
            each.NextRound(withPassing);
        }

        (_at, Walk) = (0, _walks?[0] ?? Walk);
    }

    /// <summary>An attempt begins; the first one after a wait begins a round.</summary>
    public void BeginAttempt()
    {
        Round += _isNewRound ? 1 : 0;
        _isNewRound = false;
        trail.Begun++;
        _storms.ForEach(storm => storm.AskOn());
    }

    /// <summary>
    /// Waits for keys that have failed without being refused: for a backoff that doubles, or for news of their models. News that was
    /// no help last time is not followed at once again: what fails for this request alone would be asked for all the time.
    /// </summary>
    public void WaitFor(Prospects prospects, TimeSpan atMost, Storms storms, Jitter jitter, TimeProvider time)
    {
        Meet(prospects.Passing, storms);
        if (_storms.Count == 0)
        {
            _backoff = null;
            return;
        }

        if (_backoff is null)
        {
            var drawn = LeastBackoff + (jitter() * FirstBackoff * (1 << Math.Min(_backoffs, 16)));

            // The last one ends in time for a last try.
            _backoff = Deadline.After(time, drawn > atMost && atMost >= LeastBackoff ? atMost : drawn);
        }

        var rest = _backoff.Value.Remaining(time);
        if (_storms.Exists(storm => storm.IsCalm))
        {
            prospects.LookIn(_calmWasNoHelp ? rest : TimeSpan.Zero);
            return;
        }

        var (may, askAgain) = rest > TimeSpan.Zero ? (true, rest) : _storms[0].Ask();
        prospects.LookIn(may && rest == TimeSpan.Zero ? TimeSpan.Zero : askAgain);
        _storms.ForEach(storm => prospects.Hear(storm.News));
    }

    // Who has nothing to try again for a model must not be its scout.
    private void Meet(IReadOnlyList<string> models, Storms storms)
    {
        foreach (var over in _storms.FindAll(storm => !models.Contains(storm.Model)))
        {
            over.Dispose();
            _storms.Remove(over);
        }

        _storms.ForEach(storm => storm.ComeBack());
        foreach (var model in models.Where(model => !_storms.Exists(storm => storm.Model == model)))
        {
            _storms = _storms == None ? [] : _storms;
            _storms.Add(storms.Join(model));
        }
    }

    public void Dispose()
    {
        _storms.ForEach(storm => storm.Dispose());
        foreach (var walk in Walks.Where(walk => walk.Request.Body != Request.Body))
        {
            // It was made for a fallback; whoever still sends it keeps it.
            walk.Request.Body.Release();
        }
    }
}
