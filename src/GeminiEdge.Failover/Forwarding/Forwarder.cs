using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Models;
using GeminiEdge.Failover.Overload;
using GeminiEdge.Failover.Verdicts;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// Finds the first key that works. One request goes:
/// <code>
/// ring snapshot → candidate → attempt → verdict → remember the key's health → answered? done
///                     ↑                                                      → may another key try? ─┐
///                     ├──────────────────────────────────────────────────────────────────────────────┤
///                     └─ another model, another round ← wait ← no key is left ───────────────────────┘
/// </code>
/// In a round it never tries a key twice, never goes on after the first byte went to the caller, and waits only for what may
/// come while its patience lasts.
/// </summary>
internal sealed partial class Forwarder(
    ForwardingOptions options, KeyRefresher refresher, UpstreamClient client, ResourceOwners owners, KeyProjects projects, ModelMemory models,
    Observers observers, KeyMask mask, Jitter jitter, ILogger<Forwarder> log, TimeProvider time)
{
    private static readonly TimeSpan AlarmInterval = TimeSpan.FromMinutes(1);

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

        _extra.RequestBegins();
        var fallbacks = Fallbacks(request);
        var trail = new AttemptTrail(request, mask) { NamesModels = !fallbacks.IsEmpty };
        using var journey = new Journey(Walk(request, keys), trail, time.GetTimestamp()) { Fallbacks = fallbacks };
        Attempt? last = null;
        TimeSpan? cooldown = null;
        try
        {
            while (true)
            {
                // :: Step 2: The next key: of this ring or a newer one, for this model or another, at once or after waiting.
                Candidate? next;
                try
                {
                    next = NextAtOnce(journey) ?? await NextAsync(journey, last);
                }
                catch (OperationCanceledException) when (last is not null && request.Aborted.IsCancellationRequested)
                {
                    // The caller left while it waited for a key; what was attempted before has happened all the same.
                    observers.AttemptEnded(AttemptTrail.Record(last, NextAction.Exhausted, cooldown));
                    return trail.Left();
                }

                if (last is not null)
                {
                    observers.AttemptEnded(AttemptTrail.Record(last, next is not null ? NextAction.NextKey : NextAction.Exhausted, cooldown));
                }

                if (next is not { } candidate)
                {
                    return Ended(WithoutKey(journey, last));
                }

                // :: Step 3: Send it, in the time that is left, and judge the answer.
                if (time.GetElapsedTime(journey.Started) >= options.Deadline)
                {
                    candidate.Key.Health.Leave(candidate.Pass);
                    return Ended(trail.End(ForwardOutcome.DeadlineExceeded));
                }

                Attempt attempt;
                if (journey.Rival is { } rival)
                {
                    (attempt, journey.Rival) = (rival.Attempt, null);
                    await rival.Running;
                }
                else if (MayHedge(Begin(journey, candidate, out attempt)) is { } late)
                {
                    attempt = await RaceAsync(journey, attempt, late);
                }
                else
                {
                    await attempt.RunAsync(client);
                }

                // What is remembered of the key's project tells what a refusal is about.
                last = attempt;
                cooldown = Remember(attempt);
                trail.Add(attempt);
                NoteModel(attempt, journey.Fallbacks.FirstOrDefault());

                // :: Step 4: Answered, or whose fault is it?
                if (attempt.Verdict == Verdict.Ok)
                {
                    Decide(trail);
                    TellThatItAnswers(attempt);
                    return trail.Answered(attempt);
                }

                journey.Walk.Note(attempt.Key, attempt.Verdict);
                if (!MayGoOn(attempt) && !MayAskOther(journey, attempt))
                {
                    observers.AttemptEnded(AttemptTrail.Record(attempt, NextAction.Return, cooldown));
                    return Ended(trail.Returned(attempt));
                }
            }
        }
        finally
        {
            CutOffRival(journey);
        }
    }

    /// <summary>Notes how the copying of an answer ended, in the log and in the key's health.</summary>
    public void Finish(Attempt attempt)
    {
        TimeSpan? cooldown = null;
        if (attempt.IsStreamed)
        {
            // Its later pieces may have said what the first one did not.
            NoteModel(attempt, fallback: null);
        }

        if (attempt.Verdict is not (Verdict.Ok or Verdict.ClientGone or Verdict.EdgeStopped))
        {
            cooldown = Report(attempt, attempt.Pass with { Holder = 0 });
        }

        observers.RequestEnded(attempt.Verdict, [new AttemptSummary(attempt.Key, null, attempt.Verdict, Skipped: false)]);
        observers.AttemptEnded(AttemptTrail.Record(attempt, NextAction.Return, cooldown, committed: true));
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

    private static bool MayGoOn(Attempt attempt)
    {
        var request = attempt.Request;
        var call = request.Call;
        return !request.Unbuffered && request.OnlyKeyId is null && Consequence.Of(attempt.Verdict).Next switch
        {
            NextStep.NextKey => true,
            NextStep.NextKeyIfReplayable => attempt.NeverSent || (call.Replayable && !call.ProjectBound),
            NextStep.NextKeyIfResourceNamed => call.Resource is not null,
            _ => false,
        };
    }

    /// <summary>Those who wait for the model go on; whoever asks it next knows how long it takes.</summary>
    private void TellThatItAnswers(Attempt attempt)
    {
        var call = attempt.Request.Call;
        if (call.Kind == CallKind.Count)
        {
            // No work for a model.
            return;
        }

        if (options.Hedge != HedgeMode.Off)
        {
            _latencies.Add(call.Model, call.Streams, attempt.Elapsed);
        }

        _storms.Calm(call.Model);
    }

    /// <summary>A key has done what others refused: so it was their fault.</summary>
    private void Decide(AttemptTrail trail)
    {
        foreach (var refused in trail.Undecided)
        {
            Report(refused, refused.Pass with { Holder = 0 });
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

    private TimeSpan? Remember(Attempt attempt)
    {
        var call = attempt.Request.Call;
        if (attempt.Failure?.Error.Consumer is not null)
        {
            attempt.TellProject(projects.Find(attempt.Key.Key));
        }

        if (attempt.Verdict == Verdict.KeyInvalid && !attempt.IsAboutRequest)
        {
            refresher.KeyWasRefused();
        }

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

        return Report(attempt, attempt.Pass);
    }

    private TimeSpan? Report(Attempt attempt, KeyPass pass)
    {
        var (key, call) = (attempt.Key, attempt.Request.Call);
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

    /// <summary>No key is left, and nothing to wait for.</summary>
    private ForwardResult WithoutKey(Journey journey, Attempt? last)
    {
        var (request, trail) = (journey.Request, journey.Trail);
        if (last is null && request.OnlyKeyId is not null)
        {
            return trail.End(ForwardOutcome.UploadKeyGone);
        }

        if (last is { TimedOut: true })
        {
            // It had all the time there was: it was cut off, not refused.
            return trail.End(ForwardOutcome.DeadlineExceeded);
        }

        if (journey.Refusal is { } refusal)
        {
            return trail.Returned(refusal);
        }

        var skipped = journey.Walks.SelectMany(walk => walk.Skipped().Select(key => (Key: key, walk.Request.Call))).ToList();
        if (trail.FirstIfAllAgree is { } first && skipped.TrueForAll(skip => IsDead(skip.Key, skip.Call.Scope)))
        {
            return trail.Returned(first);
        }

        var result = trail.Exhausted(skipped);
        NoteNoKeyHasModel(journey, fallback: null);
        log.AllKeysFailed(trail, skipped.Count, mask);
        return result;
    }
}
