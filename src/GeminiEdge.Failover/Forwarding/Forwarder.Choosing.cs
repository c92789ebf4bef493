using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Overload;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

// Which key is next, and what a request does when none is left: look for a newer one, ask another model, or wait.
internal sealed partial class Forwarder
{
    private readonly ExtraAttempts _extra = new(options.ExtraAttempts, time);
    private readonly Storms _storms = new(time);
    private readonly WaitingRoom _room = new(jitter, time);

    /// <summary>A key, with leave to attempt.</summary>
    private readonly record struct Candidate(RingKey Key, KeyPass Pass);

    /// <summary>The next key of the ring; the other of two attempts is its own next key.</summary>
    private static Candidate? NextAtOnce(Journey journey) =>
        journey.Rival is { } rival ? new Candidate(rival.Attempt.Key, rival.Attempt.Pass) : TryNext(journey.Walk);

    // Rarely waited for, and so no part of what every request holds.
    private async Task<Candidate?> NextAsync(Journey journey, Attempt? last)
    {
        if (last is { TimedOut: true })
        {
            return null;
        }

        // Another model is asked at once; a newer ring may have to be waited for.
        return NextOfOtherModel(journey)
            ?? (await HasNewerAsync(journey.Walk) && TryNext(journey.Walk) is { } newer ? newer : await WaitAsync(journey));
    }

    /// <summary>No key of the ring is left: a refused one may have a successor in the vault already.</summary>
    private async ValueTask<bool> HasNewerAsync(CandidateWalk walk)
    {
        var request = walk.Request;
        if (request.OnlyKeyId is not null || walk.IsRenewed)
        {
            return false;
        }

        if (walk.Ring.Keys.Any(key => IsDead(key, request.Call.Scope)))
        {
            refresher.KeyWasRefused();
        }

        return await refresher.NewerAsync(walk.Ring, request.Aborted) is { } newer && walk.Renew(newer);
    }

    /// <summary>No key is left: waits while one may come, and goes round again.</summary>
    private async ValueTask<Candidate?> WaitAsync(Journey journey)
    {
        var (request, trail) = (journey.Request, journey.Trail);
        if (!request.MayWait)
        {
            return null;
        }

        var (began, before) = (time.GetTimestamp(), trail.Waited);
        var passed = time.GetElapsedTime(journey.Started);
        var end = Deadline.After(time, Least(options.Patience - before, options.Deadline - passed, request.ServerTimeout - passed));
        while (await _room.WaitAsync(journey, _storms, end.Remaining(time), request.Aborted))
        {
            trail.Waited = before + time.GetElapsedTime(began);
            journey.GoRoundAgain(time);
            if ((TryNext(journey.Walk) ?? NextOfOtherModel(journey)) is { } next)
            {
                return next;
            }
        }

        return null;
    }

    private static TimeSpan Least(params ReadOnlySpan<TimeSpan?> spans)
    {
        var least = TimeSpan.MaxValue;
        foreach (var span in spans)
        {
            least = span < least ? span.Value : least;
        }

        return least;
    }

    private static Candidate? TryNext(CandidateWalk walk)
    {
        var request = walk.Request;
        if (request.OnlyKeyId is null)
        {
            return walk.TryNext(out var next, out var leave) ? new Candidate(next, leave) : null;
        }

        // The session is this key's whatever is remembered of it.
        var key = request.Ticket!.KeyIn(walk.Ring);
        return key?.Health.TryBeginAnyway(request.Call.Scope) is { } pass ? new Candidate(key, pass) : null;
    }

    private CandidateWalk Walk(ForwardRequest request, KeyRing keys)
    {
        var call = request.Call;
        var inTurn = options.Selection == KeySelection.RoundRobin && !call.ProjectBound;
        return new CandidateWalk(request, keys, _extra, inTurn ? Turn(call) : null, Preferred(call, keys));
    }

    private ApiKey? Preferred(GeminiCall call, KeyRing keys)
    {
        if (call.Resource is not null)
        {
            // An expired OLD waits for its turn, whatever it owns.
            var owner = owners.Find(call.Resource);
            return keys.Keys.Any(key => key.Key.Equals(owner) && key.IsExpiredOld(time)) ? null : owner;
        }

        return call.ProjectBound ? BestForNew(call, keys) : null;
    }

    // What is made now is used later with the same key: better one that no model's quota stands against.
    private static ApiKey? BestForNew(GeminiCall call, KeyRing keys) => keys.Keys.FirstOrDefault(key => key.Slot != KeySlot.Old && call switch
    {
        { Model.Length: 0 } => key.Health.IsUntroubled,
        { Kind: CallKind.Cache } => key.Health.IsAvailable(new CallScope(CallKind.Generate, call.Model)),
        _ => false,
    })?.Key;

    // One counter for all calls would fall into step with callers who count tokens before each generation.
    private uint Turn(GeminiCall call) =>
        Interlocked.Increment(ref _turns[(uint)HashCode.Combine(call.Method, call.Model) % (uint)_turns.Length]);

    private TimeSpan Timeout(TimeSpan left, CandidateWalk walk)
    {
        var reserve = options.Reserve;
        return left > reserve && walk.HasAnother() ? left - reserve : left;
    }
}
