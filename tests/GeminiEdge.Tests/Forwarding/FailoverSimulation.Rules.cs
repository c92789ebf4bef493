namespace GeminiEdge.Tests.Forwarding;

// What the design lets a request do next: with which key and which model, now or after waiting.
internal sealed partial class FailoverSimulation
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(200);

    /// <summary>Who goes round again for a model while nobody has had a good answer of it.</summary>
    private readonly Dictionary<string, SimulatedRequest> _scouts = [];

    private readonly record struct Choice(int At, ReferenceKey Key, bool IsAgain = false, bool IsLastResort = false);

    /// <summary>
    /// The keys that the next attempt may be made with: in ring order up to the first one that it has to be made with. A model
    /// that can't be had gives way to the next one.
    /// </summary>
    /// <param name="request">A request without an attempt in flight.</param>
    /// <param name="anew">In a new round, which begins with the first model.</param>
    /// <param name="orAgain">It may have to be a key that has been tried already.</param>
    /// <returns>The keys, and whether it must be one of them.</returns>
    private (List<Choice> May, bool Must) Next(SimulatedRequest request, bool anew, bool orAgain = false)
    {
        var may = new List<Choice>();
        var isSure = true;
        for (var at = anew ? 0 : request.At; at < request.Models.Count; at++)
        {
            if (AddChoices(request, at, anew, orAgain, may))
            {
                return (may, isSure);
            }

            var model = request.Models[at];
            if (request.TimedOut || !IsAtFault(request, model, isStrict: false))
            {
                break;
            }

            isSure &= IsAtFault(request, model, isStrict: true);
        }

        return (may, false);
    }

    private bool AddChoices(SimulatedRequest request, int at, bool anew, bool orAgain, List<Choice> may)
    {
        var (asked, call) = (request.Models[at], request.Call);
        if (asked.IsClosed)
        {
            return false;
        }

        var hasWaited = anew || request.Round > 1;
        if (!hasWaited && call.PrefersUntroubled && asked.Tried.Count == 0 && _keys.Find(key => key.IsUntroubled) is { } preferred)
        {
            may.Add(new(at, preferred));
            return true;
        }

        foreach (var key in _keys.Where(key => anew || !asked.TriedThisRound.Contains(key)))
        {
            if (!(hasWaited ? key.IsOpenToWaiter(asked.Name, call.Kind) : key.IsAvailable(asked.Name, call.Kind) || key.IsDue(asked.Name, call.Kind)))
            {
                continue;
            }

            if (!asked.Said.TryGetValue(key, out var said))
            {
                may.Add(new(at, key));
                return true;
            }

            var isAgain = SimulatedModel.Passes(said);
            if (call.MayRepeat && !asked.Spent.Contains(key) && (!isAgain || MayTryAgain(request, anew)))
            {
                may.Add(new(at, key, isAgain));
                if (orAgain && key.IsAvailable(asked.Name, call.Kind) && MustTryAgain(request, asked, isAgain ? key : null))
                {
                    return true;
                }
            }
        }

        // A skipped key may be tried because no other is left.
        var skipped = asked.LastResortTaken ? [] : _keys.FindAll(key => !asked.Tried.Contains(key) && key.IsLastResort(call.Kind));
        may.AddRange(skipped.Select(key => new Choice(at, key, IsLastResort: true)));
        return skipped.Count > 0 && at == 0;
    }

    /// <summary>Every key that is in use has said that it can't serve the model now, or one that it is gone.</summary>
    /// <param name="request">The request.</param>
    /// <param name="asked">The model.</param>
    /// <param name="isStrict">Where the design leaves it open, no.</param>
    private bool IsAtFault(SimulatedRequest request, SimulatedModel asked, bool isStrict)
    {
        if (asked.IsClosed)
        {
            return true;
        }

        var isAny = false;
        foreach (var key in _keys.Where(key => !key.IsOutOfUse(request.Call.Kind, orMisread: !isStrict)))
        {
            if (asked.Said.TryGetValue(key, out var said) ? SimulatedModel.IsOfModel(said) : key.RestsForModel(asked.Name, request.Call.Kind))
            {
                isAny = true;
            }
            else
            {
                return false;
            }
        }

        return isAny;
    }

    private static IEnumerable<SimulatedModel> ThatMayPass(SimulatedRequest request) => request.Models.Where(model => model.MayPass);

    /// <summary>One waiter a model, or everybody when the model has answered since.</summary>
    private bool MayTryAgain(SimulatedRequest request, bool anew) => (request.TriesAgain && !anew)
        || ThatMayPass(request).Any(model => _news.GetValueOrDefault(model.Name) > request.NewsFrom || MayBeScout(model, request));

    private bool MayBeScout(SimulatedModel model, SimulatedRequest request) => IsScoutOrThereIsNone(model, request)

        // An overloaded model says so at once: a scout who has heard nothing for so long is being served.
        || (_scouts[model.Name] is { IsWaiting: false } scout && Now - scout.AskedLast >= TimeSpan.FromSeconds(2));

    private bool IsScoutOrThereIsNone(SimulatedModel model, SimulatedRequest request) =>
        !_scouts.TryGetValue(model.Name, out var scout) || scout == request || HasLeft(scout, model.Name);

    /// <summary>Who has ended, or waits for something else than that a failure passes, is nobody's scout.</summary>
    private bool HasLeft(SimulatedRequest scout, string model) => !_inFlight.Contains(scout)
        || (scout.IsWaiting && !scout.Models.Exists(asked => asked.Name == model && WaitsToPass(scout, asked)));

    private bool WaitsToPass(SimulatedRequest request, SimulatedModel asked) => asked.MayPass
        && _keys.Exists(key => asked.Said.ContainsKey(key) && key.ReturnsIn(asked.Name, request.Call.Kind, withGate: true) == TimeSpan.Zero);

    /// <summary>The longest backoff is over, the budget is not, and the model has answered or nobody else asks it.</summary>
    private bool MustTryAgain(SimulatedRequest request, SimulatedModel asked, ReferenceKey? passing)
    {
        var since = passing?.QuietSince > request.Looking ? passing.QuietSince : request.Looking;
        if (!HasBudget || Now - since < LongestBackoff(request))
        {
            return false;
        }

        return passing is null
            || (passing.IsClear(asked.Name, request.Call.Kind)
                && ThatMayPass(request).Count() == 1
                && (_answered.GetValueOrDefault(asked.Name) > since
                    || _inFlight.TrueForAll(other => other == request || !other.Models.Exists(model => model.Name == asked.Name))));
    }

    /// <summary>There is something to wait for: a key's return, what somebody's try says, or a failure to pass.</summary>
    /// <param name="request">A request without an attempt in flight.</param>
    /// <param name="isStrict">Where the design leaves it open, no.</param>
    private bool HasToWaitFor(SimulatedRequest request, bool isStrict)
    {
        var (patience, deadline) = (Patience - request.Waited - (Now - request.Looking), Deadline - (Now - request.Started));
        var left = patience < deadline ? patience : deadline;
        if (!request.Call.MayWait || request.TimedOut || left <= (isStrict ? TimeSpan.FromMilliseconds(2) : TimeSpan.Zero))
        {
            return false;
        }

        foreach (var asked in request.Models)
        {
            if (!asked.IsClosed && (!isStrict || asked == request.Models[0] || asked.Said.Count > 0)
                && _keys.Exists(key => IsWorthWaitingFor(request, asked, key, left, isStrict)))
            {
                return true;
            }

            if (!IsAtFault(request, asked, isStrict))
            {
                // Those behind it are not asked.
                return false;
            }
        }

        return false;
    }

    private static bool IsWorthWaitingFor(SimulatedRequest request, SimulatedModel asked, ReferenceKey key, TimeSpan left, bool isStrict)
    {
        var (kind, hasSaid) = (request.Call.Kind, asked.Said.TryGetValue(key, out var said));
        if (asked.Spent.Contains(key) || key.IsLeaked || (hasSaid && !request.Call.MayRepeat))
        {
            return false;
        }

        // Who has tried it already may wait for the budget to allow more.
        var returns = key.ReturnsIn(asked.Name, kind, withGate: isStrict);
        return (returns <= left && (returns > TimeSpan.Zero || hasSaid || !isStrict))
            || key.IsBeingTried(kind)
            || (hasSaid && SimulatedModel.Passes(said) && !isStrict);
    }

    private static TimeSpan LongestBackoff(SimulatedRequest request) => TimeSpan.FromSeconds(0.01 + (0.51 * (1 << Math.Min(request.Backoffs, 4))));

    /// <summary>What has to happen and doesn't, and how long it may take still.</summary>
    private (string Why, TimeSpan Grace)? Stuck()
    {
        foreach (var request in _inFlight)
        {
            // Timers know whole milliseconds; and who waits for something else looks at a key that needs a proof when it looks again.
            var grace = request.HasFallbacks && request.Attempts.Count > 0 ? LongestBackoff(request) : TimeSpan.FromMilliseconds(2);
            var why = !request.IsWaiting ? (request.InFlight.Any(MustBeHedged) ? "has a slow attempt alone, though another key is free" : null)
                : request.Caller.IsCancellationRequested ? "still waits, though its caller left"
                : Next(request, anew: true) is { Must: true } next ? $"still waits, though it would be one of [{Names(request, next.May)}]"
                : !HasToWaitFor(request, isStrict: false) ? "still waits, though there is nothing to wait for"
                : null;
            if (why is null && request.IsWaiting && Next(request, anew: true, orAgain: true) is { Must: true } again)
            {
                // It may have heard a moment ago only that it may.
                (why, grace) = ($"still waits, though it would try one of [{Names(request, again.May)}] again", LongestBackoff(request));
            }

            if (why is not null)
            {
                return ($"{Name(request)} {why}; it is {Now:O}; it looks since {request.Looking:O}.", grace);
            }
        }

        return null;
    }
}
