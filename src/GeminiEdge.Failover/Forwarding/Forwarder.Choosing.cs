using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

// Which key is next, and what a request does when none is left: look for a newer one, or wait for one that is being tried.
internal sealed partial class Forwarder
{
    /// <summary>A key, with leave to attempt.</summary>
    private sealed record Candidate(RingKey Key, KeyPass Pass);

    /// <summary>No key of the ring is left: one that the vault has meanwhile, or one that somebody else is just trying.</summary>
    private async ValueTask<Candidate?> SeekAsync(AttemptTrail trail, CandidateWalk walk, long started) =>
        await HasNewerAsync(trail.Request, walk) && TryNext(trail.Request, walk, out var key, out var pass)
            ? new Candidate(key, pass)
            : await WaitForKeyAsync(trail, walk, started);

    /// <summary>No key of the ring is left: a refused one may have a successor in the vault already.</summary>
    private async ValueTask<bool> HasNewerAsync(ForwardRequest request, CandidateWalk walk)
    {
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

    /// <summary>No key is left, but somebody else is trying one: its answer decides for both.</summary>
    private async ValueTask<Candidate?> WaitForKeyAsync(AttemptTrail trail, CandidateWalk walk, long started)
    {
        var request = trail.Request;
        if (!request.MayWait)
        {
            return null;
        }

        var (began, before) = (time.GetTimestamp(), trail.Waited);
        var passed = time.GetElapsedTime(started);
        var end = Deadline.After(time, Least(options.Patience - before, options.Deadline - passed, request.ServerTimeout - passed));
        while (await _room.WaitAsync(walk, end.Remaining(time), request.Aborted))
        {
            trail.Waited = before + time.GetElapsedTime(began);
            if (walk.TryNext(out var key, out var pass))
            {
                return new Candidate(key, pass);
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

    private static bool TryNext(ForwardRequest request, CandidateWalk walk, out RingKey key, out KeyPass pass)
    {
        if (request.OnlyKeyId is null)
        {
            return walk.TryNext(out key, out pass);
        }

        // The session is this key's whatever is remembered of it.
        key = request.Ticket!.KeyIn(walk.Ring)!;
        var granted = key?.Health.TryBeginAnyway(request.Call.Scope);
        pass = granted.GetValueOrDefault();
        return granted is not null;
    }

    private CandidateWalk Walk(ForwardRequest request, KeyRing keys)
    {
        var call = request.Call;
        var inTurn = options.Selection == KeySelection.RoundRobin && !call.ProjectBound;
        return new CandidateWalk(keys, call.Scope, inTurn ? Turn(call) : null, Preferred(call, keys));
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
