using System.Collections.Immutable;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Fleet;

/// <summary>
/// Counts, by minute, what becomes of attempts and requests, and says when there is something to report. It lies on
/// every request's path: one short lock, nothing allocated.
/// </summary>
internal sealed class FleetCounts(TimeProvider time) : FailoverObserver
{
    /// <summary>A ring holds ten; those that rotated out of it within the hour are remembered as far as there is room.</summary>
    public const int MostKeys = 20;

    /// <summary>An hour, the current minute included.</summary>
    public const int MinutesKept = 60;

    /// <summary>A day of whole hours, and the current one.</summary>
    public const int HoursKept = 25;

    private const int Answered = 0;
    private const int Failed = 1;

    private readonly Lock _lock = new();
    private readonly List<KeyUse> _keys = [];
    private readonly PeriodCounts _requests = new(MinutesKept, 2);
    private DateTimeOffset _lastUse;

    /// <summary>Called at each use; the argument says whether it should be reported at once. It must not wait.</summary>
    public Action<bool> Report { get; set; } = static _ => { };

    public override void AttemptBegins(RingKey key)
    {
        lock (_lock)
        {
            _lastUse = time.GetUtcNow();
            Use_NeedsLock(key, _lastUse);
        }

        Report(false);
    }

    public override void AttemptEnded(in AttemptRecord attempt)
    {
        var isNewlyLeaked = false;
        lock (_lock)
        {
            _lastUse = time.GetUtcNow();
            var use = Use_NeedsLock(attempt.Key, _lastUse - attempt.Duration);
            if (attempt.CountsAs is { } outcome)
            {
                use.Minutes.Add(MinuteOf(_lastUse), (int)outcome);
            }

            if (attempt.Verdict == Verdict.KeyLeaked && !use.ToldLeaked)
            {
                use.ToldLeaked = isNewlyLeaked = true;
            }
        }

        Report(isNewlyLeaked);
    }

    /// <summary>What the caller ended, or did wrong, is no failure; each key's share in failures is told from the failed attempts.</summary>
    public override void RequestEnded(Verdict? verdict, ReadOnlySpan<AttemptSummary> attempts)
    {
        var outcome = verdict is { } answer ? Consequence.Of(answer).CountsAs : Outcome.Upstream;
        if (outcome is null)
        {
            return;
        }

        lock (_lock)
        {
            _lastUse = time.GetUtcNow();
            var minute = MinuteOf(_lastUse);
            var isAnswered = outcome is Outcome.Ok or Outcome.Caller;
            _requests.Add(minute, isAnswered ? Answered : Failed);
            for (var i = 0; i < attempts.Length && !isAnswered; i++)
            {
                if (!attempts[i].Skipped && SpeaksAgainstKey(attempts[i].Verdict))
                {
                    Use_NeedsLock(attempts[i].Key, default).Minutes.Add(minute, KeyUse.Failed);
                }
            }
        }

        Report(false);
    }

    public override void KeyStateChanged(RingKey key, KeyStateChange change)
    {
        if (change.To == KeyState.Rejected)
        {
            Changed();
        }
    }

    /// <summary>Something changed that others should see at once.</summary>
    public void Changed()
    {
        lock (_lock)
        {
            _lastUse = time.GetUtcNow();
        }

        Report(true);
    }

    /// <summary>Everything that was counted: the keys of the ring in its order, then those that were in it and whose hours are still kept.</summary>
    public FleetUse Read(KeyRing ring)
    {
        lock (_lock)
        {
            var today = time.GetUtcNow();
            var (now, since) = (MinuteOf(today), today - TimeSpan.FromHours(HoursKept));
            var keys = ring.Keys.Select(key => FleetKey.Of(key, _keys.Find(use => use.Is(key)), isInRing: true, now));
            var gone = _keys.Where(use => !ring.Keys.Any(use.Is) && use.LastAttempt > since).OrderByDescending(use => use.LastAttempt)
                .Select(use => FleetKey.Of(use.Key, use, isInRing: false, now));
            return new FleetUse(_lastUse, _requests.Read(now), [.. keys.Concat(gone).Take(MostKeys)]);
        }
    }

    // Google's being overloaded or out of reach says nothing of the key that was used.
    private static bool SpeaksAgainstKey(Verdict verdict) => Consequence.Of(verdict).CountsAs switch
    {
        Outcome.Key or Outcome.Quota => true,
        Outcome.Upstream => verdict is not (Verdict.Overloaded or Verdict.Network),
        _ => false,
    };

    private static long MinuteOf(DateTimeOffset time) => time.UtcTicks / TimeSpan.TicksPerMinute - DateTimeOffset.UnixEpoch.Ticks / TimeSpan.TicksPerMinute;

    private KeyUse Use_NeedsLock(RingKey key, DateTimeOffset began)
    {
        KeyUse? found = null;
        foreach (var use in _keys)
        {
            if (use.Is(key))
            {
                found = use;
                break;
            }
        }

        if (found is null)
        {
            if (_keys.Count == MostKeys)
            {
                _keys.Remove(_keys.MinBy(use => use.LastAttempt)!);
            }

            found = new KeyUse(key);
            _keys.Add(found);
        }

        found.Key = key;
        found.LastAttempt = began > found.LastAttempt ? began : found.LastAttempt;
        return found;
    }
}

/// <summary>What an instance counted.</summary>
/// <param name="LastUse">When it was last used.</param>
/// <param name="Requests">By minute: the minute, then requests answered and failed.</param>
/// <param name="Keys">By slot and key_id.</param>
internal sealed record FleetUse(DateTimeOffset LastUse, ImmutableArray<ImmutableArray<long>> Requests, ImmutableArray<FleetKey> Keys);
