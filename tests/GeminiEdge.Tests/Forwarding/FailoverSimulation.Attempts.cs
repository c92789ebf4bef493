using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Forwarding;

// How attempts begin and end, and what the reference remembers of them.
internal sealed partial class FailoverSimulation
{
    /// <summary>How long each model's good answers have taken.</summary>
    private readonly Dictionary<string, List<TimeSpan>> _took = [];

    /// <summary>When each model has answered last: as a number that grows, and as a time.</summary>
    private readonly Dictionary<string, int> _news = [];
    private readonly Dictionary<string, DateTimeOffset> _answered = [];
    private int _goodAnswers;
    private int _extra;

    /// <summary>What the edge did in all runs together, so that a test may see that there was something to check.</summary>
    public static class Seen
    {
        private static int AgainCount;
        private static int HedgesCount;
        private static int FallbacksCount;
        private static int WaitsCount;

        public static (int Again, int Hedges, int Fallbacks, int Waits) All => (AgainCount, HedgesCount, FallbacksCount, WaitsCount);

        public static void Add(bool again, bool hedge, bool fallback, bool wait)
        {
            Interlocked.Add(ref AgainCount, again ? 1 : 0);
            Interlocked.Add(ref HedgesCount, hedge ? 1 : 0);
            Interlocked.Add(ref FallbacksCount, fallback ? 1 : 0);
            Interlocked.Add(ref WaitsCount, wait ? 1 : 0);
        }
    }

    /// <summary>A margin stays: the edge may be a token poorer than its attempts tell.</summary>
    private bool HasBudget => _setup.ExtraAttempts > 0 && _extra < 90;

    private SimulatedAttempt Begin(SimulatedRequest request, ReferenceKey key, string model)
    {
        var isHedge = !request.IsWaiting;
        var asked = isHedge ? CheckHedge(request, key, model) : Choose(request, key, model);
        var isExtra = isHedge || asked.Tried.Contains(key);
        _extra += isExtra ? 1 : 0;
        var most = _setup.ExtraAttempts == 0 ? 0 : 100 + (_requests.Count * _setup.ExtraAttempts / 100);
        Check(request, $"made the edge's extra attempt {_extra} of at most {most}", !isExtra || _extra <= most);
        Seen.Add(isExtra && !isHedge, isHedge, request.At > 0, request.Round > 1);
        asked.Tried.Add(key);
        asked.TriedThisRound.Add(key);
        return new SimulatedAttempt(request, asked, key.Begin(asked.Name, request.Call.Kind, hasWaited: request.Round > 1 && !isHedge), Now)
        {
            IsHedge = isHedge,
            Late = _took.GetValueOrDefault(asked.Name) is { Count: >= Taught } took ? (took.Min(), took.Max()) : null,
        };
    }

    private SimulatedModel Choose(SimulatedRequest request, ReferenceKey key, string model)
    {
        var anew = request.IsBetweenRounds;
        var may = Next(request, anew).May;
        if (!anew && !may.Exists(IsIt))
        {
            anew = request.Call.MayWait;
            may = anew ? Next(request, anew).May : may;
        }

        if (!may.Exists(IsIt))
        {
            _faults.Add($"{Name(request)} tried key {Index(key.Value)} for {model}{(anew ? " in a new round" : "")}; by the design it would be one of [{Names(request, may)}]; it is {Now:O}{string.Concat(_scouts.Select(scout => $"; the scout of {scout.Key} is {Name(scout.Value)}"))}.");
            return request.Models[0];
        }

        request.IsDecided = false;
        if (anew)
        {
            request.BeginRound();
        }

        var choice = may.Find(IsIt);
        var asked = request.Models[request.At = choice.At];
        asked.LastResortTaken |= choice.IsLastResort;
        request.Waited += Now - request.Looking;
        if (choice.IsAgain && !request.TriesAgain)
        {
            request.MayHaveBegunRound = !anew;
            GoRoundAgain(request);
        }

        request.AskedLast = Now;

        return asked;

        bool IsIt(Choice choice) => choice.Key == key && request.Models[choice.At].Name == model;
    }

    private void GoRoundAgain(SimulatedRequest request)
    {
        if (!ThatMayPass(request).Any(model => _news.GetValueOrDefault(model.Name) > request.NewsFrom)
            && request.Models.Find(model => WaitsToPass(request, model) && IsScoutOrThereIsNone(model, request)) is { } scouted)
        {
            _scouts[scouted.Name] = request;
        }

        (request.TriesAgain, request.NewsFrom) = (true, _goodAnswers);
        request.Backoffs++;
    }

    private static bool IsKnownAsOne(ReferenceKey one, ReferenceKey other) => one.ProjectIsKnown && other.ProjectIsKnown;

    // Counting tokens is no work for a model.
    private bool MayHedge(SimulatedAttempt attempt) =>
        _setup.Hedges && attempt.Request.Call is { MayRepeat: true, NamesModel: true, Kind: not CallKind.Count } && attempt == attempt.Request.Attempts[^1] && !attempt.IsHedge;

    private SimulatedModel CheckHedge(SimulatedRequest request, ReferenceKey key, string model)
    {
        var first = request.Attempts[^1];
        Check(request, "has three attempts at once, or two without leave to", MayHedge(first) && request.InFlight.Count() == 1);
        Check(request, "asks a second key of the same project, or for another model", !IsKnownAsOne(first.Key, key) && first.Asked.Name == model);
        Check(request, "asks a key a second time in one round", !first.Asked.TriedThisRound.Contains(key) || request.MayHaveBegunRound);
        Check(request, "asks a second key that rests", key.IsAvailable(model, request.Call.Kind));
        Check(request, "asks a second key too soon", _took.GetValueOrDefault(model) is { Count: >= Taught } took && Now - first.Began >= took.Min());
        return first.Asked;
    }

    /// <summary>It is late by all that is known of its model, and a key has been free for it all the time.</summary>
    private bool MustBeHedged(SimulatedAttempt attempt)
    {
        var (request, asked) = (attempt.Request, attempt.Asked);
        return HasBudget && MayHedge(attempt) && attempt.Late is { } late && Now - attempt.Began > late.Most && Now - request.Started < Deadline
            && _keys.Exists(key => !asked.Tried.Contains(key) && !IsKnownAsOne(key, attempt.Key)
                && key.IsClear(asked.Name, request.Call.Kind) && key.QuietSince < attempt.Began);
    }

    private void Learn(SimulatedAttempt attempt, Verdict verdict, bool isGone)
    {
        var (request, asked, key) = (attempt.Request, attempt.Asked, attempt.Key);
        (attempt.Verdict, attempt.Ended) = (verdict, Now);
        request.Looking = Now;
        _hasNews = true;
        if (verdict is Verdict.Ok or Verdict.Hedge && request.Call.Kind != CallKind.Count)
        {
            _took.TryAdd(asked.Name, []);
            _took[asked.Name].Add(Now - attempt.Began);
        }

        if (verdict == Verdict.Hedge)
        {
            key.Free(attempt.Reference);
            return;
        }

        request.Verdicts.Add(verdict);
        asked.Said[key] = verdict;
        key.ProjectIsKnown |= verdict is Verdict.KeyBlocked or Verdict.ProjectDenied && !request.Call.MayBeNobodys;
        if (request.Call.MayBeNobodys && verdict is Verdict.KeyInvalid or Verdict.KeyBlocked or Verdict.ProjectDenied)
        {
            key.Free(attempt.Reference);
            request.Undecided.Add((attempt.Reference, verdict));
            return;
        }

        key.End(attempt.Reference, verdict);
        if (!SimulatedModel.Passes(verdict) && key.IsAvailable(asked.Name, request.Call.Kind))
        {
            asked.Spent.Add(key);
        }

        Decide(attempt, verdict, isGone);
    }

    private void Decide(SimulatedAttempt attempt, Verdict verdict, bool isGone)
    {
        var request = attempt.Request;
        switch (verdict)
        {
            case Verdict.Ok:
                request.IsDecided = true;
                Note(attempt);
                break;
            case Verdict.ResourceDenied:
                request.IsDecided = true;
                request.Returned = 403;
                break;
            case Verdict.CallerError:
                Close(attempt, isGone);
                break;
        }
    }

    private void Note(SimulatedAttempt attempt)
    {
        var request = attempt.Request;
        _goodAnswers++;
        if (request.Call.Kind != CallKind.Count)
        {
            _news[attempt.Asked.Name] = _goodAnswers;
        }

        if (request.Call is { MayRepeat: true, Kind: not CallKind.Count })
        {
            _answered[attempt.Asked.Name] = Now;
        }

        // One key has done it: the others could not, each for its own reason.
        foreach (var (refused, cause) in request.Undecided)
        {
            refused.Key.End(refused with { Try = 0 }, cause == Verdict.KeyInvalid ? Verdict.KeyBlocked : cause);
        }
    }

    /// <summary>The caller's mistake is the last word, unless another model may take it.</summary>
    private static void Close(SimulatedAttempt attempt, bool isGone)
    {
        var (request, asked) = (attempt.Request, attempt.Asked);
        var isFirst = asked == request.Models[0];
        var hasNext = asked != request.Models[^1] && !request.ChainHasEnded;
        if (isFirst && !(isGone && hasNext))
        {
            request.IsDecided = true;
            request.Returned = isGone ? 404 : 400;
            return;
        }

        // One key's word is enough: the other of two attempts has lost.
        asked.IsClosed = request.IsDecided = true;
        if (isFirst)
        {
            request.Kept = 404;
            request.MayEndAsKept = request.Round > 1;
        }
        else if (!(isGone && hasNext))
        {
            request.ChainHasEnded = true;
            foreach (var later in request.Models.SkipWhile(model => model != asked))
            {
                later.IsClosed = true;
            }
        }
    }
}
