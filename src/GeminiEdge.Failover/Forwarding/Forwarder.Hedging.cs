using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Overload;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

// How an attempt is made, and when a second one is made beside it.
internal sealed partial class Forwarder
{
    private readonly Latencies _latencies = new();

    /// <returns>Its request.</returns>
    private ForwardRequest Begin(Journey journey, Candidate candidate, out Attempt attempt)
    {
        AlarmIfExpired(candidate.Key);
        observers.AttemptBegins(candidate.Key);
        journey.BeginAttempt();
        var trail = journey.Trail;
        attempt = new Attempt(journey.Walk.Request, candidate.Key, candidate.Pass, trail.Begun, Timeout(Left(journey), journey.Walk), time)
        {
            Waited = trail.Waited,
            Round = journey.Round,
            Models = models,
        };
        return attempt.Request;
    }

    private TimeSpan Left(Journey journey) => options.Deadline - time.GetElapsedTime(journey.Started);

    /// <summary>How long the first byte may take before another key is asked; null for as long as it likes.</summary>
    private TimeSpan? MayHedge(ForwardRequest request) =>
        options.Hedge != HedgeMode.Off && request.MayWait && request.Call is { ProjectBound: false, MustAnswer: true, Model.Length: > 0, Kind: not CallKind.Count } call ? _latencies.P95(call.Model, call.Streams) : null;

    private async ValueTask<Attempt> RaceAsync(Journey journey, Attempt first, TimeSpan late)
    {
        var running = first.RunAsync(client).AsTask();
        if (await EndsWithinAsync(running, late) || first.TimeToFirstByte is not null || Left(journey) <= TimeSpan.Zero || Beside(journey, first) is not { } candidate)
        {
            await running;
            return first;
        }

        Begin(journey, candidate, out var second);
        second.IsBeside = second.IsHedged = first.IsHedged = true;
        var (one, other) = (new Race(first, running), new Race(second, second.RunAsync(client).AsTask()));
        var (winner, rival) = await Task.WhenAny(one.Running, other.Running) == one.Running ? (one, other) : (other, one);
        journey.Rival = rival;
        await winner.Running;
        return winner.Attempt;
    }

    private async ValueTask<bool> EndsWithinAsync(Task running, TimeSpan limit)
    {
        try
        {
            await running.WaitAsync(limit, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>A key that may be asked beside the first, if the budget allows it.</summary>
    private Candidate? Beside(Journey journey, Attempt first)
    {
        if (!_extra.TryTake())
        {
            return null;
        }

        if (journey.Walk.TryBeside(key => Suits(key, first.Key), out var next, out var pass))
        {
            return new Candidate(next, pass);
        }

        _extra.GiveBack();
        return null;
    }

    // OLD is not kept for that: its use is a sign that something is wrong.
    private bool Suits(RingKey key, RingKey beside) =>
        key.Slot != KeySlot.Old && (options.Hedge == HedgeMode.SameProject || !projects.AreOne(key.Key, beside.Key));

    private void CutOffRival(Journey journey)
    {
        if (journey.Rival is { } rival)
        {
            journey.Rival = null;
            _ = LoseAsync(rival);
        }
    }

    /// <summary>Another attempt has answered, or nobody wants an answer any more: this one ends at once.</summary>
    private async Task LoseAsync(Race rival)
    {
        var attempt = rival.Attempt;
        var body = attempt.Request.Body;
        body.Keep();
        try
        {
            if (rival.Running.IsFaulted)
            {
                // A fault of the edge's own has ended it already.
                return;
            }

            attempt.Lose();
            await rival.Running;
            attempt.Concede();
            TimeSpan? cooldown = null;
            if (attempt.Verdict == Verdict.Hedge)
            {
                // It would have taken longer still.
                _latencies.Add(attempt.Request.Call.Model, attempt.Request.Call.Streams, attempt.Elapsed);
                attempt.Key.Health.Leave(attempt.Pass);
            }
            else
            {
                cooldown = Remember(attempt);
            }

            observers.AttemptEnded(AttemptTrail.Record(attempt, NextAction.Return, cooldown));
            attempt.Dispose();
        }
        finally
        {
            body.Release();
        }
    }
}
