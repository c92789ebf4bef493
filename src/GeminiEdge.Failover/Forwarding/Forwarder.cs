using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// Finds the first key that works. One request goes:
/// <code>
/// ring snapshot → candidate → attempt → verdict → remember the key's health → answered? done
///                     ↑                                                      → may another key try? ─┐
///                     └──────────────────────────────────────────────────────────────────────────────┘
/// </code>
/// Never tries a key twice, never goes on after the first byte went to the caller, and waits only for a key that
/// somebody else is trying just now.
/// </summary>
internal sealed partial class Forwarder(
    ForwardingOptions options, KeyRefresher refresher, UpstreamClient client, ResourceOwners owners, KeyProjects projects, Observers observers,
    KeyMask mask, ILogger<Forwarder> log, TimeProvider time)
{
    private static readonly TimeSpan AlarmInterval = TimeSpan.FromMinutes(1);

    private readonly WaitingRoom _room = new(time);
    private readonly uint[] _turns = new uint[4096];
    private long _nextAlarm = long.MinValue;

    /// <summary>Tries keys until one answers, none is left, or going on would do harm.</summary>
    public async ValueTask<ForwardResult> SendAsync(ForwardRequest request)
    {
        // :: Step 1: One snapshot of the ring for the whole request. After a pause connection and keys come side by side.
        client.Expect();
        var keys = await refresher.CurrentAsync(request.Aborted);
        if (keys.Keys.IsEmpty)
        {
            return Ended(new ForwardResult(ForwardOutcome.NoKeysConfigured));
        }

        var started = time.GetTimestamp();
        var walk = Walk(request, keys);
        var trail = new AttemptTrail(request);
        if (!TryNext(request, walk, out var key, out var pass))
        {
            if (await SeekAsync(trail, walk, started) is not { } found)
            {
                return Ended(request.OnlyKeyId is null ? Exhausted(trail, walk) : trail.End(ForwardOutcome.UploadKeyGone));
            }

            (key, pass) = (found.Key, found.Pass);
        }

        while (true)
        {
            // :: Step 2: How long this attempt may take.
            var left = options.Deadline - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                key.Health.Leave(pass);
                return Ended(trail.End(ForwardOutcome.DeadlineExceeded));
            }

            // :: Step 3: Send it and judge the answer.
            AlarmIfExpired(key);
            observers.AttemptBegins(key);
            var attempt = new Attempt(request, key, pass, trail.Count + 1, Timeout(left, walk), time) { Waited = trail.Waited };
            try
            {
                await attempt.RunAsync(client);
            }
            catch
            {
                // A fault of the edge's own: it must not hold the key's gate, nor the connection.
                key.Health.Leave(pass);
                attempt.Dispose();
                throw;
            }

            if (attempt.Failure?.Error.Consumer is not null)
            {
                attempt.TellProject(projects.Find(key.Key));
            }

            trail.Add(attempt);
            var cooldown = Remember(attempt, request.Call);
            if (attempt.Verdict == Verdict.KeyInvalid && !attempt.IsAboutRequest)
            {
                refresher.KeyWasRefused();
            }

            // :: Step 4: Answered, or whose fault is it?
            if (attempt.Verdict == Verdict.Ok)
            {
                Decide(trail, request.Call);
                return trail.Answered(attempt);
            }

            if (!MayGoOn(attempt, request))
            {
                observers.AttemptEnded(trail.Record(attempt, NextAction.Return, cooldown));
                return Ended(trail.Returned(attempt));
            }

            // :: Step 5: The next key, one that the vault has meanwhile, or the end.
            var hasNext = TryNext(request, walk, out key, out pass);
            try
            {
                if (!hasNext && !attempt.TimedOut && await SeekAsync(trail, walk, started) is { } found)
                {
                    (key, pass, hasNext) = (found.Key, found.Pass, true);
                }
            }
            catch (OperationCanceledException) when (request.Aborted.IsCancellationRequested)
            {
                // The caller left while it waited for a key; what was attempted before has happened all the same.
                observers.AttemptEnded(trail.Record(attempt, NextAction.Exhausted, cooldown));
                return trail.Left();
            }

            observers.AttemptEnded(trail.Record(attempt, hasNext ? NextAction.NextKey : NextAction.Exhausted, cooldown));
            if (!hasNext)
            {
                // The last attempt had all the time there was: it was cut off, not refused.
                return Ended(attempt.TimedOut ? trail.End(ForwardOutcome.DeadlineExceeded) : Exhausted(trail, walk));
            }
        }
    }

    /// <summary>Notes how the copying of an answer ended, in the log and in the key's health.</summary>
    public void Finish(Attempt attempt, ForwardRequest request)
    {
        TimeSpan? cooldown = null;
        if (attempt.Verdict is not (Verdict.Ok or Verdict.ClientGone or Verdict.EdgeStopped))
        {
            cooldown = Report(attempt, attempt.Pass with { Holder = 0 }, request.Call);
        }

        observers.RequestEnded(attempt.Verdict, [new AttemptSummary(attempt.Key, null, attempt.Verdict, Skipped: false)]);
        observers.AttemptEnded(AttemptTrail.Record(attempt, request, NextAction.Return, cooldown, committed: true));
    }

    /// <summary>Counts a request that ended without an answer to copy; <see cref="Finish"/> counts the others.</summary>
    private ForwardResult Ended(ForwardResult result)
    {
        if (result.Outcome != ForwardOutcome.ClientGone)
        {
            observers.RequestEnded(result.Attempt?.Verdict, result.Attempts.AsSpan());
        }

        return result;
    }

    private static bool MayGoOn(Attempt attempt, ForwardRequest request)
    {
        var call = request.Call;
        return !request.Unbuffered && request.OnlyKeyId is null && Consequence.Of(attempt.Verdict).Next switch
        {
            NextStep.NextKey => true,
            NextStep.NextKeyIfReplayable => attempt.NeverSent || (call.Replayable && !call.ProjectBound),
            NextStep.NextKeyIfResourceNamed => call.Resource is not null,
            _ => false,
        };
    }

    /// <summary>A key has done what others refused: so it was their fault.</summary>
    private void Decide(AttemptTrail trail, GeminiCall call)
    {
        foreach (var refused in trail.Undecided)
        {
            Report(refused, refused.Pass with { Holder = 0 }, call);
        }
    }

    private static bool IsDead(RingKey key, CallScope call) => key.Health.Cause(call) is { } cause && Consequence.Of(cause).KeyIsDead;

    // Once a minute is enough to wake somebody.
    private void AlarmIfExpired(RingKey key)
    {
        if (!key.IsExpiredOld(time))
        {
            return;
        }

        var next = Volatile.Read(ref _nextAlarm);
        if (time.GetTimestamp() >= next && Interlocked.CompareExchange(ref _nextAlarm, Deadline.After(time, AlarmInterval).Timestamp, next) == next)
        {
            log.ExpiredKeyUsed(key);
        }
    }

    private TimeSpan? Remember(Attempt attempt, GeminiCall call)
    {
        if (attempt.Verdict == Verdict.Ok && call.ProjectBound)
        {
            // A request can name one resource and make another, as a cache of a file.
            var (made, named) = call.MustAnswer ? default : ResourceName.FromAnswer(attempt.Scanner.Bytes, call);
            foreach (var resource in new[] { call.Resource, made, named })
            {
                if (resource is not null)
                {
                    owners.Remember(resource, attempt.Key.Key);
                }
            }
        }

        if (attempt.IsUndecided)
        {
            attempt.Key.Health.Leave(attempt.Pass);
            return null;
        }

        return Report(attempt, attempt.Pass, call);
    }

    private TimeSpan? Report(Attempt attempt, KeyPass pass, GeminiCall call)
    {
        var key = attempt.Key;
        if (key.Health.Report(pass, attempt.Verdict, attempt.Failure) is { } change)
        {
            log.KeyStateChanged(key, change, mask);
            observers.KeyStateChanged(key, change);
        }

        // A call that isn't known here may name another project than the key's, and be refused for it.
        if (attempt.Failure?.Error.Consumer is { } project && call.TakesApiKeys && projects.Learn(key, project) is { } other)
        {
            log.KeysShareQuota(key, other, project, mask);
        }

        return attempt.Verdict == Verdict.Ok ? null : key.Health.Rest(call.Scope);
    }

    private ForwardResult Exhausted(AttemptTrail trail, CandidateWalk walk)
    {
        var call = trail.Request.Call.Scope;
        if (trail.FirstIfAllAgree is { } first && walk.Skipped().All(key => IsDead(key, call)))
        {
            return trail.Returned(first);
        }

        var result = trail.Exhausted(walk.Skipped());
        log.AllKeysFailed(trail, result.Attempts.Length - trail.Count, mask);
        return result;
    }
}
